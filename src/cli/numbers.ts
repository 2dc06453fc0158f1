/** Numbers of a model are 32 bits wide: printed with the fewest digits that give the same 32 bits back. */

export function shortest(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(9));
}

/** One JSON document; typed arrays are lists, what is not a finite number is null. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => {
    if (typeof item === 'number') return !Number.isInteger(item) && Math.fround(item) === item ? shortest(item) : item;
    return ArrayBuffer.isView(item) && !(item instanceof DataView) ? Array.from(item as unknown as ArrayLike<number>) : item;
  });
}
