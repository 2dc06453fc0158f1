// Working memory of one thread: every thread has an instance of the module, and the host sets this global in each.

export let scratch: usize = 0;

/** As in `../loupe/layout.ts`. */
export const scratchBytes: usize = 1 << 20;
