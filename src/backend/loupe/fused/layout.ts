/** How jobs of fused kernels are cut: from shapes alone, never from the number of threads. */

/** Elements of a unit of an elementwise job. As in `../../assembly/fused/blocks.ts`. */
const blockSize = 8192;

export const blocksOf = (elements: number): number => Math.ceil(elements / blockSize);

/** Rows of a unit of a job by rows of `width` elements. */
export const rowsEach = (width: number): number => Math.max(1, Math.ceil(blockSize / Math.max(1, width)));
