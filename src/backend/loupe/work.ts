/** What the threads of a pool and the one that leads them have in common: an instance of the module, and taking units. */
import { argumentsOf, claimOf, jobAt, jobWord, mostUnits, scratchOf, word } from './layout';

export type Kernel = (args: number, begin: number, end: number) => void;

export interface PoolModule {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
}

/** Names of the kernels, in the order that gives them their numbers in every thread. */
export function kernelNames(module: WebAssembly.Module): string[] {
  return WebAssembly.Module.exports(module).flatMap(({ name, kind }) => (kind === 'function' ? [name] : []));
}

/** Thread 0 is the one that leads. */
export function instantiate({ module, memory }: PoolModule, thread: number): Kernel[] {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  (exports.scratch as WebAssembly.Global).value = scratchOf(thread);
  return kernelNames(module).map((name) => exports[name] as unknown as Kernel);
}

/** Whether job (or count) a is not before b: numbers of jobs begin again after 2 ** 32. */
export const reached = (a: number, b: number): boolean => ((a - b) | 0) >= 0;

/** Takes units of a job until none is left. Only when it may be begun: when all jobs before it are done, but for those it is beside. */
export function takeUnits(control: Int32Array, kernels: readonly Kernel[], job: number): void {
  const at = jobAt(job);
  for (;;) {
    const claim = Atomics.load(control, at + jobWord.claim);
    // The number of the job is in the word that is exchanged: a thread that overslept its job takes nothing of the one in its place.
    if ((claim ^ claimOf(job, 0)) >>> 12 !== 0) return;
    const units = control[at + jobWord.units] as number;
    const next = claim & mostUnits;
    if (next >= units) return;
    const end = Math.min(next + (control[at + jobWord.share] as number), units);
    const [number, first] = [control[at + jobWord.kernel] as number, control[at + jobWord.first] as number];
    if (Atomics.compareExchange(control, at + jobWord.claim, claim, claimOf(job, end)) !== claim) continue;
    (kernels[number] as Kernel)(argumentsOf(job), first + next, first + end);
    if (Atomics.add(control, at + jobWord.done, end - next) + end - next < units) continue;
    complete(control);
    return;
  }
}

/** Who has done the last unit of a job says so, of this one and of those after it that were waiting for it. */
function complete(control: Int32Array): void {
  for (;;) {
    const completed = Atomics.load(control, word.completed);
    const next = (completed + 1) | 0;
    if (!reached(Atomics.load(control, word.posted), next)) return;
    const at = jobAt(next);
    // If another has said so meanwhile, its place may be another job's already: then the exchange fails.
    if (Atomics.load(control, at + jobWord.done) !== control[at + jobWord.units]) return;
    if (Atomics.compareExchange(control, word.completed, completed, next) !== completed) continue;
    if (Atomics.load(control, word.waiting) > 0) Atomics.notify(control, word.completed);
  }
}

/** Whether a job, once posted, may be begun while the one before it is under way. */
export const isBeside = (control: Int32Array, job: number): boolean => control[jobAt(job) + jobWord.beside] === 1;

/** Under a tenth of a millisecond: a thread that sleeps needs as long to wake. */
const spins = 8000;

/** Never returns, until the pool stops. */
export function startThread({ module, memory, thread }: PoolModule & { thread: number }): void {
  const kernels = instantiate({ module, memory }, thread);
  const control = new Int32Array(memory.buffer, 0, jobAt(-1) + 256);
  /** Sleeps, after a while, until a word is no longer before `job`; false: the pool stops. */
  const reaches = (place: number, sleepers: number, job: number): boolean => {
    for (let spin = 0; ; spin++) {
      const value = Atomics.load(control, place);
      if (reached(value, job)) return true;
      if (Atomics.load(control, word.stop) === 1) return false;
      if (spin < spins) continue;
      Atomics.add(control, sleepers, 1);
      Atomics.wait(control, place, value);
      Atomics.sub(control, sleepers, 1);
    }
  };
  for (let job = 1; ; job = (job + 1) | 0) {
    if (!reaches(word.posted, word.idle, job)) return;
    // What others have done meanwhile is not looked at: its place may be another's already.
    const completed = Atomics.load(control, word.completed);
    if (reached(completed, job)) {
      job = completed;
      continue;
    }
    try {
      takeUnits(control, kernels, job);
    } catch {
      // A trap. The units it took will never be done: the leader is told, and stops waiting for them.
      Atomics.store(control, word.failed, 1);
      Atomics.notify(control, word.completed);
      return;
    }
    // The next one may be there already, and need not wait for this one.
    const next = (job + 1) | 0;
    if (reached(Atomics.load(control, word.posted), next) && isBeside(control, next)) continue;
    if (!reaches(word.completed, word.waiting, job)) return;
  }
}
