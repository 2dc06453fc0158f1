/** What lies where in the memory that all threads share, before the heap begins. `../assembly/args.ts` knows the same. */

/** Words (i32) by which threads talk, each group on a cache line of its own. */
export const word = {
  /** The number of the current job; idle threads wait on it. */
  job: 0,
  kernel: 1,
  units: 2,
  /** Units that a thread takes at once. */
  share: 3,
  /** Added to the unit numbers of this job. */
  first: 4,
  /** Job number (20 bits) and the next unit to take (12 bits). */
  claim: 16,
  /** Units done. The main thread waits on it. */
  done: 32,
  waiting: 33,
  /** Threads that sleep. */
  sleeping: 48,
  failed: 64,
  stop: 65,
} as const;

/** Units of one job; `run` cuts longer ones. */
export const mostUnits = 4095;
export const jobMask = 0xfffff;

/** The argument block: 32 slots of whole numbers, then 16 of f32. */
export const argumentsAt = 4096;
export const intSlots = 32;
export const floatSlots = 16;

const scratchFrom = 65536;
/** Working memory of a thread. As in `../assembly/scratch.ts`. */
export const scratchBytes = 2 ** 20;

export const scratchOf = (thread: number): number => scratchFrom + thread * scratchBytes;
/** Where the heap begins, with this number of threads. */
export const heapStart = (threads: number): number => scratchOf(threads);
