/** Where a name beside a line lies on nothing else: neither on a curve nor on another name. Pure geometry, any unit. */

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** A curve, or the band between two, from left to right: at x, from top to bottom (the same for a curve). */
export type Stroke = readonly (readonly [x: number, top: number, bottom: number])[];

/** The name of a line across the chart: where the line is, or the edge it lies beyond. */
export interface Name {
  readonly width: number;
  readonly at: number | 'above' | 'below';
}

export interface Room {
  /** What is drawn in. */
  readonly area: Box;
  /** Of a name, and of the strip over the area where nothing is drawn; 0: there is none. */
  readonly height: number;
  readonly headroom: number;
  /** Pixels of the canvas to one of the page. */
  readonly ratio: number;
}

/**
 * A place for each name: beside its line, on no curve, no line and no other name; over the area where there is none. Names of lines
 * too close for that stand under each other, in the order of their lines.
 */
export function placeNames(names: readonly Name[], room: Room, strokes: readonly Stroke[]): Box[] {
  const { area, ratio } = room;
  // Lines before names, or the line of one would strike out the name of another.
  const taken: Box[] = names.flatMap(({ at }) =>
    typeof at === 'number' ? [{ left: area.left, top: at, right: area.right, bottom: at + ratio }] : [],
  );
  const placed = new Map<Name, Box>();
  // Those of lines first: those of what lies beyond the edge may stand in any row there.
  for (const stack of [...stacks(names, room), ...names.filter(({ at }) => typeof at !== 'number').map((name) => [name])]) {
    const place = freePlace(placesOf(stack, room), strokes, taken);
    const atRight = place.right > area.right - 8 * ratio;
    for (const [row, name] of stack.entries()) {
      const left = atRight ? place.right - name.width : place.left;
      const top = place.top + row * room.height;
      const box = { left, top, right: left + name.width, bottom: top + room.height };
      taken.push(box);
      placed.set(name, box);
    }
  }
  return names.map((name) => placed.get(name)!);
}

/** Lines between which no name has room are one stack, from the top. */
function stacks(names: readonly Name[], { height, ratio }: Room): Name[][] {
  const lines = names.filter((name): name is Name & { at: number } => typeof name.at === 'number').toSorted((a, b) => a.at - b.at);
  const found: (Name & { at: number })[][] = [];
  for (const name of lines) {
    const last = found.at(-1);
    if (last && name.at - last.at(-1)!.at < height + 7 * ratio) last.push(name);
    else found.push([name]);
  }
  return found;
}

/** The best first: at the right, at the left, then in between. */
function placesOf(stack: readonly Name[], { area, height, headroom, ratio }: Room): Box[] {
  const margin = 4 * ratio;
  const [width, high] = [Math.max(...stack.map((name) => name.width)), stack.length * height];
  const place = (left: number, top: number): Box => ({ left, top, right: left + width, bottom: top + high });
  const lefts = [1, 0, 0.75, 0.5, 0.25].map((share) => area.left + margin + share * (area.right - area.left - width - 2 * margin));
  const [first, last] = [stack[0]!.at, stack.at(-1)!.at];
  const tops =
    typeof first === 'number' && typeof last === 'number'
      ? [first - high - 4 * ratio, last + 3 * ratio, first - high - height - 4 * ratio, last + height + 3 * ratio]
      : topsAtEdge(first === 'above', area, height, ratio);
  const inside = tops.filter((top) => top >= area.top && top + high <= area.bottom);
  const places = lefts.flatMap((left) => (inside.length ? inside : tops).map((top) => place(left, top)));
  return headroom < high ? places : [...places, place(lefts[0]!, area.top - high)];
}

function topsAtEdge(above: boolean, area: Box, height: number, ratio: number): number[] {
  const rows = [0, 1, 2].map((row) => row * (height + ratio));
  return rows.map((row) => (above ? area.top + row : area.bottom - height - row));
}

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
