/** What the pictures of heads over training steps show: which heads and which steps, and the figures of one. Pure. */
import type { AttentionFrame } from '../../src/protocol/engine';

export interface Head {
  readonly layer: number;
  readonly head: number;
}

/** Up to so many heads are shown all at once. */
export const ALL_HEADS = 16;

/** Weights of one head in a frame, [size, size]; each row that looks at anything sums to 1 again after rounding. */
export function weightsOf({ size, nHeads, values }: AttentionFrame, { layer, head }: Head): Float64Array {
  const from = (layer * nHeads + head) * size * size;
  const weights = Float64Array.from(values.subarray(from, from + size * size), (value) => (value / 255) ** 2);
  for (let row = 0; row < size; row++) {
    const own = weights.subarray(row * size, (row + 1) * size);
    const sum = own.reduce((a, b) => a + b, 0);
    if (sum > 0) own.set(own.map((weight) => weight / sum));
  }
  return weights;
}

export interface HeadFigures {
  /** Mean weight on the position just before, on the first, and on the token itself. */
  readonly previous: number;
  readonly first: number;
  readonly self: number;
  /** Mean entropy of the rows, in nats. */
  readonly entropy: number;
}

/** Means over the rows after the first, which can only look at itself. NaN for a single token. */
export function figuresOf(frame: AttentionFrame, head: Head): HeadFigures {
  const { size } = frame;
  const weights = weightsOf(frame, head);
  let [previous, first, self, entropy] = [0, 0, 0, 0];
  for (let row = 1; row < size; row++) {
    const at = (column: number) => weights[row * size + column]!;
    previous += at(row - 1);
    first += at(0);
    self += at(row);
    for (let column = 0; column <= row; column++) if (at(column) > 0) entropy -= at(column) * Math.log(at(column));
  }
  const rows = size - 1;
  return { previous: previous / rows, first: first / rows, self: self / rows, entropy: entropy / rows };
}

/** How far a head moved between two frames: the share of its weight that lies elsewhere, mean over the rows, 0 to 1. */
export function moved(from: AttentionFrame, to: AttentionFrame, head: Head): number {
  if (from.size !== to.size) return 0;
  const [before, after] = [weightsOf(from, head), weightsOf(to, head)];
  let sum = 0;
  for (let i = 0; i < before.length; i++) sum += Math.abs(after[i]! - before[i]!);
  return sum / 2 / from.size;
}

/** Of each layer the head that moved most from the first frame to the last. */
export function striking(frames: readonly AttentionFrame[]): Head[] {
  const [first, last] = [frames[0], frames.at(-1)];
  if (!first || !last) return [];
  return Array.from({ length: last.nLayers }, (_, layer) => {
    const heads = headsOf(last, layer).map((head) => ({ head, by: moved(first, last, head) }));
    return heads.reduce((best, each) => (each.by > best.by ? each : best)).head;
  });
}

export function headsOf({ nHeads }: AttentionFrame, layer: number): Head[] {
  return Array.from({ length: nHeads }, (_, head) => ({ layer, head }));
}

/** `layer`: a layer, all heads, or of each layer the one that moved most. */
export function rowsOf(frames: readonly AttentionFrame[], layer: number | 'all' | 'striking'): Head[] {
  const last = frames.at(-1);
  if (!last) return [];
  if (layer === 'striking') return striking(frames);
  if (layer === 'all') return Array.from({ length: last.nLayers }, (_, each) => headsOf(last, each)).flat();
  return headsOf(last, Math.min(layer, last.nLayers - 1));
}

/** At most `room` frames, spread evenly by their place, the first and the last among them. */
export function columnsOf(frames: readonly AttentionFrame[], room: number): AttentionFrame[] {
  const count = Math.max(1, Math.min(room, frames.length));
  if (count === 1) return frames.slice(-1);
  return Array.from({ length: count }, (_, i) => frames[Math.round((i * (frames.length - 1)) / (count - 1))]!);
}

/** The kept step that is nearest to another, 0 included: what can be opened. Of two, the later. */
export function nearestKept(kept: readonly number[], step: number): number {
  return [0, ...kept].reduce((best, each) => (Math.abs(each - step) <= Math.abs(best - step) ? each : best));
}
