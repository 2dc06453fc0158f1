/** Runs the loops of `roofline.as` on some threads at once. */
import { readFileSync } from 'node:fs';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import asc from 'assemblyscript/asc';
import { seconds, serve, settings } from '../lib/serve';

interface Shared {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly memory: WebAssembly.Memory;
  readonly part: number;
  readonly parts: number;
}

type What = 'multiply' | 'add';

/** Numbers of one array: three of them are far beyond every cache. */
const size = 2 ** 27;
const start = 65536;
const multiplications = 1e8;
const additions = 4;

async function compile(source: string): Promise<Uint8Array<ArrayBuffer>> {
  let bytes: Uint8Array<ArrayBuffer> | undefined;
  const { error, stderr } = await asc.main(
    [
      ...['roofline.ts', '--outFile', 'out.wasm', '--runtime', 'stub', '--noAssert', '-O3', '--importMemory', '--sharedMemory'],
      ...['--initialMemory', '1', '--maximumMemory', '65536', '--enable', 'threads,simd,relaxed-simd'],
    ],
    {
      readFile: (name) => (name === 'roofline.ts' ? readFileSync(source, 'utf8') : null),
      writeFile: (_, contents) => {
        bytes = Uint8Array.from(contents as Uint8Array);
      },
      listFiles: () => [],
    },
  );
  if (error || !bytes) throw new Error(`roofline: ${error?.message}\n${stderr.toString()}`);
  return bytes;
}

async function runner({ bytes, memory, part, parts }: Shared): Promise<(what: What) => void> {
  const { instance } = await WebAssembly.instantiate(bytes, { env: { memory } });
  const loops = instance.exports as {
    multiply(rounds: number, factor: number): number;
    add(at: number, size: number, from: number, to: number): void;
  };
  return (what) => {
    if (what === 'multiply') loops.multiply(multiplications, 0.5);
    else for (let i = 0; i < additions; i++) loops.add(start, size, (size / parts) * part, (size / parts) * (part + 1));
  };
}

async function lead(): Promise<void> {
  const { threads, source } = settings<{ threads: number; source: string }>();
  const bytes = await compile(source);
  const pages = (start + 3 * size) / 65536;
  const memory = new WebAssembly.Memory({ initial: pages, maximum: 65536, shared: true });
  const shared = (part: number): Shared => ({ bytes, memory, part, parts: threads });
  const workers = Array.from({ length: threads - 1 }, (_, i) => new Worker(new URL(import.meta.url), { workerData: shared(i + 1) }));
  const done = (worker: Worker) => new Promise<void>((resolve) => worker.once('message', () => resolve()));
  await Promise.all(workers.map(done)); // they are ready
  const own = await runner(shared(0));
  await serve<{ what: What }>('WebAssembly', async ({ what }) => ({
    seconds: await seconds(async () => {
      const others = workers.map(done);
      for (const worker of workers) worker.postMessage(what);
      own(what);
      await Promise.all(others);
    }),
    flops: multiplications * 12 * 8 * threads,
    bytes: additions * 3 * size,
  }));
}

if (isMainThread) await lead();
else {
  const run = await runner(workerData as Shared);
  const port = parentPort!;
  port.on('message', (what: What) => {
    run(what);
    port.postMessage('done');
  });
  port.postMessage('ready');
}
