/** A thread of the pool: waits for a job, takes units until none is left, waits again. A file of its own, beside the .wasm. */
import { workerData } from 'node:worker_threads';
import { edition } from './layout';
import { type PoolModule, startThread } from './work';

const data = workerData as PoolModule & { thread: number; edition: string };
if (data.edition !== edition) throw new Error('its script is of another version');
startThread(data);
