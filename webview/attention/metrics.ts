/** What a head does over the whole text, in six numbers; each says on hover how it was computed. */
import type { HeadMetrics } from '../../src/core/inspect/types';
import type { AttentionView } from '../../src/protocol/engine';
import { h } from '../lib/dom';
import { full, num, percent } from '../lib/format';
import { headName } from '../lib/heads';
import { t } from '../lib/l10n';
import { metricsOf } from './sentences';

export type Metric = Exclude<keyof HeadMetrics, 'layer' | 'head'>;
export const METRICS: readonly Metric[] = ['previousToken', 'firstToken', 'self', 'induction', 'entropy', 'distance'];

export function metricName(metric: Metric): string {
  const names: Record<Metric, string> = {
    previousToken: t('previous token'),
    firstToken: t('first token'),
    self: t('itself'),
    induction: t('induction'),
    entropy: t('entropy, nats'),
    distance: t('distance, tokens'),
  };
  return names[metric];
}

export function metricText(metric: Metric, value: number): string {
  if (Number.isNaN(value)) return '–';
  return metric === 'entropy' || metric === 'distance' ? num(value) : percent(value);
}

function explained(metric: Metric): string {
  const words: Record<Metric, string> = {
    previousToken: t('Mean weight on the position just before'),
    firstToken: t('Mean weight on the first position'),
    self: t('Mean weight on the token itself'),
    induction: t('Mean weight on what followed the last time the same token came; – where nothing repeats'),
    entropy: t('Mean entropy of the rows after the first, those of the context too: 0 looks at one token, more spreads out'),
    distance: t('Mean distance to what is looked at, each position by its weight'),
  };
  return words[metric];
}

export function headMetrics(view: AttentionView, layer: number, head: number): HTMLElement | null {
  const m = metricsOf(view, layer, head);
  if (!m) return null;
  const entries = METRICS.flatMap((metric) => {
    const [value, hover] = [m[metric], explained(metric)];
    return [
      h('dt', { title: hover }, metricName(metric)),
      h('dd', { class: 'mono', title: Number.isNaN(value) ? hover : `${hover}: ${full(value)}` }, metricText(metric, value)),
    ];
  });
  return h('section', {}, h('h2', {}, headName(layer, head)), h('dl', {}, ...entries));
}
