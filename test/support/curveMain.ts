/** The curve as a program: `node curveMain.mjs ASSETS STEPS TOKENS THREADS EXACT` prints its digests. For `scripts/arm.mjs`. */
import { openBackend } from '../../src/backend/open';
import { curve } from './curve';

const [assets, steps, tokens, threads, exact] = process.argv.slice(2) as [string, string, string, string, string];
await openBackend({ name: 'loupe', assets, threads: Number(threads), exact: exact === 'true' });
const { training, writing } = await curve(Number(steps), Number(tokens));
console.log(JSON.stringify({ processor: `${process.arch}, Node ${process.version}`, training, writing }));
process.exit(0);
