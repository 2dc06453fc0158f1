/** What is seen, in sentences: the title of a head, and what the model was given to read. */
import type { HeadMetrics } from '../../src/core/inspect/types';
import type { AttentionView } from '../../src/protocol/engine';
import { positions, tokens } from '../lib/counts';
import { int, num, percent } from '../lib/format';
import { headName } from '../lib/heads';
import { t } from '../lib/l10n';
import { isolate } from '../lib/tokens';

/** Fewer tokens than this are no evidence of a habit. */
const ENOUGH = 32;
/** A habit takes at least this share of the head's attention. */
const HABIT = 0.4;
/** Entropy, in nats, from which a row is spread out (as over seven tokens or more), and up to which it is not (as over two). */
const SPREAD = 2;
const FEW = 0.7;

export function metricsOf(view: AttentionView, layer: number, head: number): HeadMetrics | undefined {
  return view.metrics.find((m) => m.layer === layer && m.head === head);
}

/** Positions whose token occurred before: what the induction metric is a mean over. */
export function repeats(view: Pick<AttentionView, 'tokens'>): number {
  const seen = new Set<number>();
  let count = 0;
  for (const { id } of view.tokens) {
    if (seen.has(id)) count++;
    seen.add(id);
  }
  return count;
}

/** "L3H1 looks at the previous token, 71 % over 48 tokens"; where there is too little text, only what is shown. */
export function headTitle(view: AttentionView, layer: number, head: number): string {
  const name = headName(layer, head);
  const size = view.tokens.length;
  const metrics = metricsOf(view, layer, head);
  if (!metrics || size < ENOUGH) return t('{0} over {1}', name, tokens(size));
  const repeated = repeats(view);
  // The first position can look at nothing but itself, and does not count.
  const rows = size - 1;
  const habits = [
    {
      share: metrics.previousToken,
      count: rows,
      say: (p: string, n: string) => t('{0} looks at the previous token, {1} over {2}', name, p, n),
    },
    {
      share: metrics.induction,
      count: repeated,
      say: (p: string, n: string) => t('{0} looks at what followed the same token before, {1} over {2}', name, p, n),
    },
    { share: metrics.firstToken, count: rows, say: (p: string, n: string) => t('{0} rests on the first token, {1} over {2}', name, p, n) },
    { share: metrics.self, count: rows, say: (p: string, n: string) => t('{0} looks at the token itself, {1} over {2}', name, p, n) },
  ].filter(({ share, count }) => share >= HABIT && count >= ENOUGH);
  const habit = habits.sort((x, y) => y.share - x.share)[0];
  if (habit) return habit.say(percent(habit.share), tokens(habit.count));
  const [entropy, over] = [num(metrics.entropy), tokens(rows)];
  if (metrics.entropy >= SPREAD) return t('{0} spreads its attention, mean entropy {1} nats over {2}', name, entropy, over);
  if (metrics.entropy <= FEW) return t('{0} looks at few tokens at a time, mean entropy {1} nats over {2}', name, entropy, over);
  return t('{0}, mean entropy {1} nats over {2}', name, entropy, over);
}

/** What was read, how much of the model's room it takes, and what computed it. */
export function readingSentence(view: AttentionView, document: string): string {
  const lead = view.tokens.filter(({ start }) => start < 0);
  const [size, context] = [view.tokens.length, view.firstSelected - lead.length];
  const [model, file] = [view.model, isolate(document)];
  const before = [...lead.map(({ text }) => text), ...(context > 0 ? [t('{0} of context (dimmed)', tokens(context))] : [])].join(', ');
  const selected = tokens(size - view.firstSelected);
  const parts = [
    before === '' ? t('{0} reads {1} of {2}', model, selected, file) : t('{0} reads {1}, then {2} of {3}', model, before, selected, file),
    view.droppedText > 0 ? t('the last {0} did not fit', tokens(view.droppedText)) : '',
    view.droppedContext > 0 ? t('{0} before did not fit', tokens(view.droppedContext)) : '',
    t('{0} of {1}', positions(size), int(view.contextLength)),
    t('weights as stored ({0})', view.dtype),
    t('computed by {0}', view.backend),
  ];
  return parts.filter(Boolean).join(' · ');
}

/**
 * Where a reader starts: the head that looks most at what followed the same token before, where one has that habit, for it shows
 * what only attention can do; otherwise the clearest habit other than resting on the first token.
 */
export function clearestHead(view: AttentionView): { layer: number; head: number } {
  const clarity = (m: HeadMetrics) => (m.induction >= HABIT ? 1 + m.induction : Math.max(m.previousToken, m.self));
  const best = view.metrics.reduce<HeadMetrics | null>((a, m) => (a === null || clarity(m) > clarity(a) ? m : a), null);
  return best ? { layer: best.layer, head: best.head } : { layer: 0, head: 0 };
}
