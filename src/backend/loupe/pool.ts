/**
 * Threads that share one memory and do the units of a job together. The one that asks works too; what the others have not
 * taken it does itself, so a thread that starts late, sleeps or is gone costs time, never a result.
 */
import { Worker } from 'node:worker_threads';
import { LoupeError } from '../../core/errors';
import { argumentsAt, jobMask, mostUnits, word } from './layout';
import { instantiate, type Kernel, kernelNames, type PoolModule, takeUnits } from './work';

export interface PoolOptions extends PoolModule {
  readonly threads: number;
  /** The bundled `thread.ts`. */
  readonly script: string;
  /** A thread ended by itself. */
  readonly onLost: (reason: string) => void;
  /** Milliseconds without progress after which a job is given up. */
  readonly patience?: number;
}

/** Iterations before the leader sleeps. */
const spins = 20_000;
const nap = 50;

export class Pool {
  private readonly kernels: readonly Kernel[];
  private readonly numbers: ReadonlyMap<string, number>;
  private readonly control: Int32Array;
  private readonly workers = new Set<Worker>();
  private readonly patience: number;
  private job = 0;

  constructor({ module, memory, threads, script, onLost, patience = 10_000 }: PoolOptions) {
    this.kernels = instantiate({ module, memory }, 0);
    this.numbers = new Map(kernelNames(module).map((name, index) => [name, index]));
    this.control = new Int32Array(memory.buffer, 0, 1024);
    this.patience = patience;
    for (let thread = 1; thread < threads; thread++) {
      const worker = new Worker(script, { workerData: { module, memory, thread }, stdin: false, execArgv: [], env: {} });
      this.workers.add(worker);
      worker.on('error', (error) => lost(error.message));
      worker.on('exit', (code) => lost(`exit code ${code}`));
      worker.unref();
      const lost = (reason: string) => {
        if (this.workers.delete(worker)) onLost(reason);
      };
    }
  }

  /** Threads at work, the one that leads included. */
  get threads(): number {
    return 1 + this.workers.size;
  }

  /** Whether the kernels have this one. */
  has(kernel: string): boolean {
    return this.numbers.has(kernel);
  }

  /** Does units 0 .. units - 1 of a kernel on the arguments that are in place. Returns when all are done. */
  run(kernel: string, units: number): void {
    const number = this.numbers.get(kernel);
    if (number === undefined) throw new LoupeError('internal', { detail: `no kernel "${kernel}"` });
    if (units <= 0) return;
    if (this.workers.size === 0 || units === 1) (this.kernels[number] as Kernel)(argumentsAt, 0, units);
    else for (let first = 0; first < units; first += mostUnits) this.together(number, first, Math.min(mostUnits, units - first));
  }

  private together(kernel: number, first: number, units: number): void {
    const { control } = this;
    // Number 0 is what threads start with.
    this.job = (this.job & jobMask) === jobMask ? 1 : this.job + 1;
    // No unit can be taken while the job is written down.
    Atomics.store(control, word.claim, (this.job << 12) | mostUnits);
    control[word.kernel] = kernel;
    control[word.units] = units;
    control[word.share] = Math.max(1, Math.floor(units / (8 * this.threads)));
    control[word.first] = first;
    control[word.done] = 0;
    Atomics.store(control, word.claim, this.job << 12);
    Atomics.store(control, word.job, this.job);
    if (Atomics.load(control, word.sleeping) > 0) Atomics.notify(control, word.job);
    try {
      takeUnits(control, this.kernels, this.job);
      if (Atomics.load(control, word.done) !== units) this.wait(units);
    } catch (error) {
      // Units of this job may be under way still, and would count for the next one: from here on this thread is alone.
      this.dispose();
      throw error;
    }
  }

  /** For the units that other threads have taken. */
  private wait(units: number): void {
    const { control } = this;
    for (let spin = 0; spin < spins; spin++) if (Atomics.load(control, word.done) === units) return;
    Atomics.store(control, word.waiting, 1);
    try {
      // Naps are counted, not time: a computer that slept is not a thread that hangs.
      for (let naps = 0, before = -1; ; ) {
        const done = Atomics.load(control, word.done);
        if (done === units) return;
        if (Atomics.load(control, word.failed) === 1) throw new LoupeError('internal', { detail: 'a kernel failed on a thread' });
        naps = done === before ? naps : 0;
        before = done;
        if (Atomics.wait(control, word.done, done, nap) === 'timed-out') naps++;
        if (naps * nap > this.patience) throw new LoupeError('backend.threadLost');
      }
    } finally {
      Atomics.store(control, word.waiting, 0);
    }
  }

  /** Ends the threads. What is run afterwards is done by the one that leads. */
  dispose(): void {
    Atomics.store(this.control, word.stop, 1);
    Atomics.store(this.control, word.job, -1);
    Atomics.notify(this.control, word.job);
    for (const worker of this.workers) void worker.terminate();
    this.workers.clear();
  }
}
