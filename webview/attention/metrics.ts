/** What a head does over the whole text, in five numbers; each says on hover how it was computed. */
import type { AttentionView } from '../../src/protocol/engine';
import { h } from '../lib/dom';
import { full, num, percent } from '../lib/format';
import { t } from '../lib/l10n';
import { headName, metricsOf } from './sentences';

export function headMetrics(view: AttentionView, layer: number, head: number): HTMLElement | null {
  const m = metricsOf(view, layer, head);
  if (!m) return null;
  const share = (value: number) => (Number.isNaN(value) ? '–' : percent(value));
  const entries: [string, string, number, string][] = [
    [t('previous token'), share(m.previousToken), m.previousToken, t('Mean weight on the position just before')],
    [t('first token'), share(m.firstToken), m.firstToken, t('Mean weight on the first position')],
    [t('itself'), share(m.self), m.self, t('Mean weight on the token itself')],
    [
      t('induction'),
      share(m.induction),
      m.induction,
      t('Mean weight on what followed the last time the same token came; – where nothing repeats'),
    ],
    [t('entropy, nats'), num(m.entropy), m.entropy, t('Mean entropy of the rows: 0 looks at one token, more spreads out')],
  ];
  return h(
    'section',
    {},
    h('h2', {}, headName(layer, head)),
    h(
      'dl',
      {},
      ...entries.flatMap(([name, shown, value, hover]) => [
        h('dt', { title: hover }, name),
        h('dd', { class: 'mono', title: Number.isNaN(value) ? hover : `${hover}: ${full(value)}` }, shown),
      ]),
    ),
  );
}
