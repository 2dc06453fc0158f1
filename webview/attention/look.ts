/** What the reader has chosen to see. It comes back after a reload, and is checked against the text that is there then. */
import type { AttentionView } from '../../src/protocol/engine';
import { METRICS, type Metric } from './metrics';
import { type Cell, STAGES, type Stage } from './numbers';

export type Mode = 'matrix' | 'lines' | 'table';

export interface Look {
  readonly layer: number;
  readonly head: number;
  readonly stage: Stage;
  readonly mode: Mode;
  readonly hideFirst: boolean;
  /** Of weights; scores are always linear. */
  readonly squareRoot: boolean;
  /** The cell whose calculation is open. */
  readonly cell: Cell | null;
  /** Chosen by the reader, not by the panel: the editor's cursor does not take it away. */
  readonly locked: boolean;
  /** The atlas is open; null: where there is room for it. */
  readonly heads: boolean | null;
  /** Small pictures of what they look at, or dots between two of their numbers. */
  readonly headsAs: 'atlas' | 'scatter';
  readonly scatterX: Metric;
  readonly scatterY: Metric;
}

export const firstLook: Look = {
  layer: 0,
  head: 0,
  stage: 'softmax',
  mode: 'matrix',
  hideFirst: false,
  // Most weights are near zero: on a linear scale most heads would look empty. The legend says it.
  squareRoot: true,
  cell: null,
  locked: false,
  heads: null,
  headsAs: 'atlas',
  scatterX: 'distance',
  scatterY: 'entropy',
};

/** What was saved, as far as it is sound; the rest as at first. */
export function restoredLook(saved: unknown): Look {
  if (typeof saved !== 'object' || saved === null) return firstLook;
  const from = saved as Partial<Record<keyof Look, unknown>>;
  const index = (value: unknown) => (Number.isInteger(value) && (value as number) >= 0 ? (value as number) : 0);
  const cell = from.cell as Partial<Cell> | null | undefined;
  return {
    layer: index(from.layer),
    head: index(from.head),
    stage: STAGES.find((stage) => stage === from.stage) ?? 'softmax',
    mode: (['matrix', 'lines', 'table'] as const).find((mode) => mode === from.mode) ?? 'matrix',
    hideFirst: from.hideFirst === true,
    squareRoot: from.squareRoot !== false,
    cell: cell ? { row: index(cell.row), col: index(cell.col) } : null,
    locked: from.locked === true && Boolean(cell),
    heads: typeof from.heads === 'boolean' ? from.heads : null,
    headsAs: from.headsAs === 'scatter' ? 'scatter' : 'atlas',
    scatterX: METRICS.find((metric) => metric === from.scatterX) ?? firstLook.scatterX,
    scatterY: METRICS.find((metric) => metric === from.scatterY) ?? firstLook.scatterY,
  };
}

/** The look within the bounds of a view: a smaller model has fewer heads, a shorter text fewer cells. */
export function within(look: Look, view: Pick<AttentionView, 'nLayers' | 'nHeads' | 'tokens'>): Look {
  const size = view.tokens.length;
  const fits = look.cell && look.cell.row < size && look.cell.col < size;
  return {
    ...look,
    layer: Math.min(look.layer, view.nLayers - 1),
    head: Math.min(look.head, view.nHeads - 1),
    cell: fits ? look.cell : null,
    locked: look.locked && Boolean(fits),
  };
}
