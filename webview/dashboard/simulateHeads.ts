/** Heads that form, for fixtures: from an even look at all there is to a habit each, in frames as a run records them. */
import type { AttentionFrame } from '../../src/protocol/engine';

const SIZE = 25;

/** Scores of a row over the columns it may see, before they are sharpened. */
const habits: readonly ((row: number, column: number) => number)[] = [
  (row, column) => (column === row - 1 ? 1 : 0),
  (_, column) => (column === 0 ? 1 : 0),
  (row, column) => (column === row ? 1 : 0),
  (row, column) => 1 - (row - column) / SIZE,
  (row, column) => ((row * 7 + column * 3) % 11 === 0 ? 1 : 0),
];

export function simulateHeads(steps: readonly number[], nLayers: number, nHeads: number): AttentionFrame[] {
  return steps.map((step) => ({ step, size: SIZE, nLayers, nHeads, values: values(step, nLayers, nHeads) }));
}

function values(step: number, nLayers: number, nHeads: number): Uint8Array {
  const out = new Uint8Array(nLayers * nHeads * SIZE * SIZE);
  for (let each = 0; each < nLayers * nHeads; each++) {
    const layer = Math.floor(each / nHeads);
    const habit = habits[(each * 3 + layer) % habits.length]!;
    // Each forms at its own time, early layers first.
    const sharp = 6 / (1 + Math.exp((90 + layer * 120 + (each % nHeads) * 40 - step) / 60));
    for (let row = 0; row < SIZE; row++) {
      const weights = Array.from({ length: row + 1 }, (_, column) => Math.exp(sharp * habit(row, column)));
      const sum = weights.reduce((a, b) => a + b, 0);
      weights.forEach((weight, column) => {
        out[(each * SIZE + row) * SIZE + column] = Math.round(255 * Math.sqrt(weight / sum));
      });
    }
  }
  return out;
}
