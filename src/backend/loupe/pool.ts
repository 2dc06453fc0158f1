/**
 * Threads that share one memory and do the units of jobs together, one job after another in the order in which they were asked
 * for. `run` writes a job down and returns: the one that leads goes on with its own affairs (the next op of the model) while
 * the threads work, and joins in when it wants to see a result (`finish`). What the others have not taken it does itself, so a
 * thread that starts late, sleeps or is gone costs time, never a result.
 */
import { Worker } from 'node:worker_threads';
import { LoupeError } from '../../core/errors';
import { argumentsOf, claimOf, edition, floatSlots, intSlots, jobAt, jobWord, mostJobs, mostUnits, word } from './layout';
import { instantiate, isBeside, type Kernel, kernelNames, type PoolModule, reached, takeUnits } from './work';

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
  private readonly memory: WebAssembly.Memory;
  private readonly kernels: readonly Kernel[];
  private readonly numbers: ReadonlyMap<string, number>;
  private control: Int32Array;
  private floats: Float32Array;
  private readonly workers = new Set<Worker>();
  private readonly patience: number;
  /** The number of the last job that was written down. */
  private posted = 0;
  /** Nobody else works, or ever will again. */
  private alone: boolean;

  constructor({ module, memory, threads, script, onLost, patience = 10_000 }: PoolOptions) {
    this.kernels = instantiate({ module, memory }, 0);
    this.numbers = new Map(kernelNames(module).map((name, index) => [name, index]));
    this.memory = memory;
    this.alone = threads <= 1;
    [this.control, this.floats] = this.views();
    this.patience = patience;
    for (let thread = 1; thread < threads; thread++) {
      const worker = new Worker(script, { workerData: { module, memory, thread, edition }, stdin: false, execArgv: [], env: {} });
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

  /**
   * Has units 0 .. units - 1 of a kernel done, after all that was asked for before, soon: whoever reads its results, or writes
   * what it reads, calls `finish` first. `ints` and `floats` fill the argument block from its slot 0. `beside`: at the same
   * time as what was asked for last, if need be.
   */
  run(kernel: string, units: number, ints: readonly number[], floats: readonly number[] = [], beside = false): void {
    const number = this.numbers.get(kernel);
    if (number === undefined) throw new LoupeError('internal', { detail: `no kernel "${kernel}"` });
    if (units <= 0) return;
    // What is done sooner alone wakes nobody.
    if (this.workers.size === 0 || (units === 1 && this.idle)) {
      this.finish();
      const next = (this.posted + 1) | 0;
      this.write(next, ints, floats);
      (this.kernels[number] as Kernel)(argumentsOf(next), 0, units);
      return;
    }
    for (let first = 0; first < units; first += mostUnits) {
      this.post(number, first, Math.min(mostUnits, units - first), ints, floats, beside || first > 0);
    }
  }

  /** Helps with what is not done yet, and returns when all is. */
  finish(): void {
    while (!this.idle) this.help(this.posted);
  }

  private get idle(): boolean {
    return this.alone || Atomics.load(this.control, word.completed) === this.posted;
  }

  private post(kernel: number, first: number, units: number, ints: readonly number[], floats: readonly number[], beside: boolean): void {
    const { control } = this;
    const job = (this.posted + 1) | 0;
    // The place of this job is that of an earlier one.
    while (!reached(Atomics.load(control, word.completed), (job - mostJobs) | 0)) this.help((job - mostJobs) | 0);
    const at = jobAt(job);
    // No unit can be taken while the job is written down.
    Atomics.store(control, at + jobWord.claim, claimOf(job, mostUnits));
    control[at + jobWord.kernel] = kernel;
    control[at + jobWord.units] = units;
    control[at + jobWord.share] = Math.max(1, Math.floor(units / (8 * this.threads)));
    control[at + jobWord.first] = first;
    control[at + jobWord.beside] = beside ? 1 : 0;
    control[at + jobWord.done] = 0;
    this.write(job, ints, floats);
    Atomics.store(control, at + jobWord.claim, claimOf(job, 0));
    this.posted = job;
    Atomics.store(control, word.posted, job);
    if (Atomics.load(control, word.idle) > 0) Atomics.notify(control, word.posted);
  }

  private write(job: number, ints: readonly number[], floats: readonly number[]): void {
    // A memory that is not shared ends its views when it grows.
    if (this.control.length === 0) [this.control, this.floats] = this.views();
    const from = argumentsOf(job) / 4;
    if (ints.length > intSlots || floats.length > floatSlots) throw new LoupeError('internal', { detail: 'too many arguments' });
    for (let slot = 0; slot < ints.length; slot++) this.control[from + slot] = ints[slot] as number;
    for (let slot = 0; slot < floats.length; slot++) this.floats[from + intSlots + slot] = floats[slot] as number;
  }

  /** Does what is left of the first job that is not done, and of those beside it, up to job `last`; waits for what others have taken. */
  private help(last: number): void {
    let job = (Atomics.load(this.control, word.completed) + 1) | 0;
    // Others may just have done the last one.
    if (!reached(last, job)) return;
    try {
      takeUnits(this.control, this.kernels, job);
      for (; job !== last && isBeside(this.control, job + 1); job = (job + 1) | 0) takeUnits(this.control, this.kernels, job + 1);
      this.wait(job);
    } catch (error) {
      // Units may be under way still, and would count for the next jobs: from here on this thread is alone.
      this.dispose();
      throw error;
    }
  }

  private wait(job: number): void {
    const { control } = this;
    for (let spin = 0; spin < spins; spin++) if (reached(Atomics.load(control, word.completed), job)) return;
    Atomics.add(control, word.waiting, 1);
    try {
      // Naps are counted, not time: a computer that slept is not a thread that hangs.
      for (let naps = 0, before = Number.NaN; ; ) {
        const completed = Atomics.load(control, word.completed);
        if (reached(completed, job)) return;
        if (Atomics.load(control, word.failed) === 1) throw new LoupeError('internal', { detail: 'a kernel failed on a thread' });
        const now = Atomics.load(control, jobAt(completed + 1) + jobWord.done) + completed;
        naps = now === before ? naps : 0;
        before = now;
        if (Atomics.wait(control, word.completed, completed, nap) === 'timed-out') naps++;
        if (naps * nap > this.patience) throw new LoupeError('backend.threadLost');
      }
    } finally {
      Atomics.sub(control, word.waiting, 1);
    }
  }

  private views(): [Int32Array, Float32Array] {
    const control = new Int32Array(this.memory.buffer, 0, jobAt(-1) + 256);
    return [control, new Float32Array(this.memory.buffer, 0, control.length)];
  }

  /** Ends the threads; what they have not done is not done. What is run afterwards is done by the one that leads. */
  dispose(): void {
    if (this.alone) return;
    const { control } = this;
    Atomics.store(control, word.stop, 1);
    Atomics.notify(control, word.posted);
    Atomics.notify(control, word.completed);
    for (const worker of this.workers) void worker.terminate();
    this.workers.clear();
    this.alone = true;
  }
}
