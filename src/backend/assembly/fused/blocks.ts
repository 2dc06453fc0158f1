// How jobs are cut, from shapes alone. Elementwise jobs: blocks of `blockSize` elements; jobs by rows: `rows` of args each.

/** As in `../../loupe/fused/layout.ts`. A multiple of every vector's width. */
export const blockSize: i32 = 8192;

/** The first element of unit `begin`. */
// @ts-ignore: decorator
@inline
export function first(begin: i32): i32 {
  return begin * blockSize;
}

/** One after the last element of unit `end - 1`. */
// @ts-ignore: decorator
@inline
export function last(end: i32, count: i32): i32 {
  return min<i32>(end * blockSize, count);
}
