/** The strip beside the charts: one sample in full beside the true text, the facts of the run, the log. */

import type { Copied } from '../../src/protocol/engine';
import type { CopiedFrom, DashboardRun } from '../../src/protocol/panels';
import { copiedText, copiedWords } from '../lib/copied';
import { steps } from '../lib/counts';
import { fill, h, icon } from '../lib/dom';
import { int } from '../lib/format';
import { t } from '../lib/l10n';
import type { SampleCopies } from './copies';
import type { History } from './history';
import { facts, logLine } from './words';
import { WorkedList } from './worked';

/** Older lines are in the JSON export. */
const LOG_LINES = 300;

export class Details {
  readonly element: HTMLElement;
  private readonly sample = h('section', { class: 'sample', 'aria-live': 'off' });
  private readonly facts = h('dl', { class: 'facts' });
  private readonly worked = new WorkedList();
  private readonly log = h('ol', { class: 'stacked log', tabindex: 0, 'aria-label': t('Log') });
  private shownSample: unknown = null;
  private shownCopied: Copied | undefined;
  private shownFacts = '';
  private logged = 0;

  /** @param own what stands above the facts of the run */
  constructor(
    private readonly open: (from: CopiedFrom) => void,
    own: readonly HTMLElement[],
  ) {
    this.element = h(
      'aside',
      { class: 'details', 'aria-label': t('Details') },
      this.sample,
      h('section', {}, h('h2', {}, t('This run')), ...own, this.facts, this.worked.element),
      h('section', {}, h('h2', {}, t('Log')), this.log),
    );
  }

  show(history: History, run: DashboardRun, shown: number, copies: Pick<SampleCopies, 'of'>): void {
    this.showSample(history, shown, copies);
    this.showFacts(history, run);
    this.showLog(history);
  }

  private showSample(history: History, shown: number, copies: Pick<SampleCopies, 'of'>): void {
    const sample = history.samples[shown] ?? null;
    const copied = sample ? copies.of(sample.text) : undefined;
    if (sample === this.shownSample && copied === this.shownCopied) return;
    this.shownSample = sample;
    this.shownCopied = copied;
    this.sample.hidden = !sample;
    if (!sample) return;
    fill(
      this.sample,
      h('h2', {}, sample.step === 0 ? t('What it writes before training') : t('What it writes after {0}', steps(sample.step))),
      h(
        'p',
        { class: 'prose', dir: 'auto', tabindex: 0 },
        h('span', { class: 'dim' }, sample.prompt),
        ...copiedText(sample.text, copied?.runs ?? [], this.open),
      ),
      copied ? h('p', { class: 'copied-words dim' }, copiedWords(copied)) : null,
      h('h2', {}, t('How the text really goes on')),
      h('p', { class: 'prose', dir: 'auto', tabindex: 0 }, h('span', { class: 'dim' }, sample.prompt), sample.truth),
    );
  }

  private showFacts(history: History, run: DashboardRun): void {
    const list = facts(history, run);
    const key = JSON.stringify(list);
    if (key === this.shownFacts) return;
    this.shownFacts = key;
    fill(this.facts, ...list.flatMap(({ name, value, worked }) => [h('dt', { title: worked }, name), h('dd', { title: worked }, value)]));
    this.worked.show(list.flatMap(({ name, value, worked: words }) => (words === null ? [] : [{ name: `${name} ${value}`, words }])));
  }

  /** Newest first. */
  private showLog(history: History): void {
    if (history.log.length < this.logged) {
      fill(this.log);
      this.logged = 0;
    }
    for (let i = Math.max(this.logged, history.log.length - LOG_LINES); i < history.log.length; i++) {
      const entry = history.log[i]!;
      const { icon: glyph, tone, text } = logLine(entry);
      this.log.prepend(
        h(
          'li',
          { class: tone },
          icon(glyph),
          h(
            'span',
            { class: 'log-text' },
            tone === 'plain' ? null : h('span', { class: 'visually-hidden' }, tone === 'error' ? t('Error:') : t('Warning:'), ' '),
            text,
          ),
          h('span', { class: 'log-step dim' }, entry.step === null ? '' : int(entry.step)),
        ),
      );
    }
    this.logged = history.log.length;
    while (this.log.childElementCount > LOG_LINES) this.log.lastElementChild!.remove();
  }
}
