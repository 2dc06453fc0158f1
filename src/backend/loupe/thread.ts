/** A thread of the pool: waits for a job, takes units until none is left, waits again. A file of its own, beside the .wasm. */
import { workerData } from 'node:worker_threads';
import { type PoolModule, startThread } from './work';

startThread(workerData as PoolModule & { thread: number });
