/** Where token ids come from: an array, or a file that is never held in memory as a whole. */
export interface TokenSource {
  readonly length: number;
  /** `count` ids from `offset`; both lie within the length. */
  read(offset: number, count: number): Int32Array | Promise<Int32Array>;
}

export function arraySource(ids: ArrayLike<number>): TokenSource {
  const all = Int32Array.from(ids);
  return { length: all.length, read: (offset, count) => all.slice(offset, offset + count) };
}
