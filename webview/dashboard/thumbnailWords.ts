/** What is said of heads over training steps: figures, and no claim, for a prompt is too short for one. */
import type { AttentionFrame } from '../../src/protocol/engine';
import { tokens } from '../lib/counts';
import { full, int, num, percent } from '../lib/format';
import { headName } from '../lib/heads';
import { t } from '../lib/l10n';
import { dataTable } from '../lib/table';
import { columnsOf, figuresOf, type Head, type HeadFigures, nearestKept } from './thumbnailFigures';

/** Steps that a table has room for. */
const TABLE_STEPS = 6;

export function headSentence(frame: AttentionFrame, head: Head): string {
  const { previous, self, first, entropy } = figuresOf(frame, head);
  return t(
    '{0}, {1}: previous token {2}, itself {3}, first token {4}, mean entropy {5} nats over {6}.',
    headName(head.layer, head.head),
    when(frame.step),
    percent(previous),
    percent(self),
    percent(first),
    num(entropy),
    tokens(frame.size),
  );
}

/** What a click opens. */
export function openSentence(step: number, kept: readonly number[]): string {
  const nearest = nearestKept(kept, step);
  if (nearest === step) return t('Click to inspect it.');
  return t('Click to inspect it with the nearest weights that are kept: {0}.', when(nearest));
}

export function headTable(frames: readonly AttentionFrame[], heads: readonly Head[]): HTMLElement {
  return dataTable({
    caption: t('Where each head puts most of its weight in the prompt, of the token itself, the previous and the first'),
    columns: [
      { title: t('Head'), cell: ({ layer, head }) => headName(layer, head) },
      ...columnsOf(frames, TABLE_STEPS).map((frame) => ({
        title: frame.step === 0 ? t('Before training') : t('Step {0}', int(frame.step)),
        cell: (head: Head) => habit(figuresOf(frame, head)),
        hover: (head: Head) => t('entropy {0} nats', full(figuresOf(frame, head).entropy)),
      })),
    ],
    rows: heads,
  });
}

/** Every head at every step, for programs. */
export function headRows(frames: readonly AttentionFrame[]): (string | number)[][] {
  const rows = frames.flatMap((frame) =>
    Array.from({ length: frame.nLayers * frame.nHeads }, (_, i) => {
      const head = { layer: Math.floor(i / frame.nHeads), head: i % frame.nHeads };
      const { previous, first, self, entropy } = figuresOf(frame, head);
      return [frame.step, head.layer, head.head, previous, first, self, entropy];
    }),
  );
  return [['step', 'layer', 'head', 'previous_token', 'first_token', 'self', 'entropy_nats'], ...rows];
}

function when(step: number): string {
  return step === 0 ? t('before training') : t('step {0}', int(step));
}

function habit({ previous, self, first }: HeadFigures): string {
  const shares: [number, string][] = [
    [previous, t('previous {0}', percent(previous))],
    [self, t('itself {0}', percent(self))],
    [first, t('first {0}', percent(first))],
  ];
  return shares.reduce((most, each) => (each[0] > most[0] ? each : most))[1];
}
