/** What lies where in the memory that all threads share, before the heap begins. `../assembly/args.ts` knows the same. */

/** Words (i32) by which threads talk, each group on a cache line of its own. */
export const word = {
  /** The number of the last job that was written down; idle threads sleep on it. */
  posted: 0,
  /** The number of the last job that is done, as are all before it; who waits for it sleeps on it. */
  completed: 16,
  /** Threads that sleep on `posted`, and those on `completed`. */
  idle: 32,
  waiting: 33,
  failed: 48,
  stop: 49,
} as const;

/** Words of a job, from `jobAt(number)` on. */
export const jobWord = {
  /** The last 20 bits of the job's number, and the next unit to take (12 bits). */
  claim: 0,
  /** Units done. */
  done: 1,
  kernel: 16,
  units: 17,
  /** Units that a thread takes at once. */
  share: 18,
  /** Added to the unit numbers of this job. */
  first: 19,
  /** 1: may be done at the same time as the job before it. */
  beside: 20,
} as const;

/** Units of one job; `run` cuts longer ones. */
export const mostUnits = 4095;

/** Jobs that can be under way: those of one step that nobody has looked at yet. */
export const mostJobs = 64;
const jobsFrom = 4096;
const jobBytes = 384;
const argumentsOffset = 128;

const placeOf = (job: number): number => jobsFrom + (job & (mostJobs - 1)) * jobBytes;
/** Index (of i32) of a job's words. */
export const jobAt = (job: number): number => placeOf(job) / 4;
/** Address of a job's arguments: 32 slots of whole numbers, then 16 of f32. */
export const argumentsOf = (job: number): number => placeOf(job) + argumentsOffset;
export const intSlots = 32;
export const floatSlots = 16;

/** The claim of a job of which `next` is the next unit to take. */
export const claimOf = (job: number, next: number): number => (job << 12) | next;

const scratchFrom = 65536;
/** Working memory of a thread. As in `../assembly/scratch.ts`. */
export const scratchBytes = 2 ** 20;

export const scratchOf = (thread: number): number => scratchFrom + thread * scratchBytes;
/** Where the heap begins, with this number of threads. */
export const heapStart = (threads: number): number => scratchOf(threads);

/** All of this in a word. A thread whose script is of another one would write where it must not: it does not begin. */
export const edition = JSON.stringify([word, jobWord, mostUnits, mostJobs, jobsFrom, jobBytes, argumentsOffset, scratchFrom, scratchBytes]);
