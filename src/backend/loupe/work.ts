/** What the threads of a pool and the one that leads them have in common: an instance of the module, and taking units. */
import { argumentsAt, mostUnits, scratchOf, word } from './layout';

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

/** Takes units of a job until none is left, or until it is no longer the current one. */
export function takeUnits(control: Int32Array, kernels: readonly Kernel[], job: number): void {
  const kernel = kernels[control[word.kernel] as number] as Kernel;
  const units = control[word.units] as number;
  const share = control[word.share] as number;
  const first = control[word.first] as number;
  for (;;) {
    const claim = Atomics.load(control, word.claim);
    const next = claim & mostUnits;
    // The number of the job is in the word that is exchanged: a thread that overslept its job takes nothing of the next one.
    if (claim >>> 12 !== job || next >= units) return;
    const end = Math.min(next + share, units);
    if (Atomics.compareExchange(control, word.claim, claim, (job << 12) | end) !== claim) continue;
    kernel(argumentsAt, first + next, first + end);
    const done = Atomics.add(control, word.done, end - next) + end - next;
    if (done === units && Atomics.load(control, word.waiting) === 1) Atomics.notify(control, word.done);
  }
}

/** About 50 microseconds: a thread that sleeps needs as long to wake. */
const spins = 8000;

/** Never returns, until the pool stops. */
export function startThread({ module, memory, thread }: PoolModule & { thread: number }): void {
  const kernels = instantiate({ module, memory }, thread);
  const control = new Int32Array(memory.buffer, 0, 1024);
  let last = 0;
  for (;;) {
    let job = Atomics.load(control, word.job);
    for (let spin = 0; job === last && spin < spins; spin++) job = Atomics.load(control, word.job);
    if (job === last) {
      Atomics.add(control, word.sleeping, 1);
      Atomics.wait(control, word.job, last);
      Atomics.sub(control, word.sleeping, 1);
      if (Atomics.load(control, word.stop) === 1) return;
      continue;
    }
    last = job;
    try {
      takeUnits(control, kernels, job);
    } catch {
      // A trap. The units it took will never be done: the leader is told, and stops waiting for them.
      Atomics.store(control, word.failed, 1);
      Atomics.notify(control, word.done);
      return;
    }
  }
}
