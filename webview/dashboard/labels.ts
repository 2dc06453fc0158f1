/** Where a name beside a line lies on nothing else: neither on a curve nor on another name. Pure geometry, any unit. */

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** A curve, or the band between two, from left to right: at x, from top to bottom (the same for a curve). */
export type Stroke = readonly (readonly [x: number, top: number, bottom: number])[];

/** The first place that is free; where none is, the one with the least under it. */
export function freePlace(places: readonly Box[], strokes: readonly Stroke[], taken: readonly Box[]): Box {
  let best = places[0]!;
  let least = Number.POSITIVE_INFINITY;
  for (const place of places) {
    const under = cover(place, strokes) + taken.reduce((sum, other) => sum + shared(place, other), 0);
    if (under === 0) return place;
    if (under < least) [best, least] = [place, under];
  }
  return best;
}

/** Length of the strokes, along x, that lies under a box. */
function cover(box: Box, strokes: readonly Stroke[]): number {
  let sum = 0;
  for (const stroke of strokes) {
    for (let i = 1; i < stroke.length; i++) {
      const [a, b] = [stroke[i - 1]!, stroke[i]!];
      const [from, to] = [Math.max(box.left, a[0]), Math.min(box.right, b[0])];
      if (from > to) continue;
      const at = (x: number, side: 1 | 2) => (b[0] === a[0] ? a[side] : a[side] + ((b[side] - a[side]) * (x - a[0])) / (b[0] - a[0]));
      const top = Math.min(at(from, 1), at(to, 1));
      const bottom = Math.max(at(from, 2), at(to, 2));
      if (top <= box.bottom && bottom >= box.top) sum += Math.max(to - from, 1e-6);
    }
  }
  return sum;
}

/** Another name under this one weighs more than any curve, and the more the more of it is hidden. */
function shared(a: Box, b: Box): number {
  const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return across > 0 && down > 0 ? 1e6 + 1e3 * across * down : 0;
}
