/** A process of its own that trains, so that a test can kill it: options and request as JSON, one event a line on its output. */
import { type EngineOptions, startEngine } from '../../../src/client/engine';
import type { TrainRequest } from '../../../src/protocol/engine';

const { options, request } = JSON.parse(process.argv[2]!) as { options: EngineOptions; request: TrainRequest };
const engine = startEngine(options);
await engine.train.start(request, { onProgress: (event) => console.log(JSON.stringify(event)) });
await engine.dispose();
