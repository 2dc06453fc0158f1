/**
 * The digest of the curve, for comparing by eye with somebody else's; its hover, and what unfolds under it for those without a
 * mouse, say what is in it, with the values, and whom it must agree with.
 */
import { curveParts } from '../../src/core/train/curveDigest';
import type { DashboardRun } from '../../src/protocol/panels';
import { steps } from '../lib/counts';
import { fill, h, iconButton } from '../lib/dom';
import { full } from '../lib/format';
import { t } from '../lib/l10n';
import { CurveLinks, factsOf } from './curveLinks';
import { firstAtLeast, type History } from './history';

/** What is said of a digest: a sentence, what went in with its values, whom it must agree with. */
export interface Explained {
  readonly digest: string;
  readonly after: string;
  readonly sentence: string;
  readonly parts: readonly { readonly name: string; readonly value: string }[];
  readonly agreement: readonly string[];
}

/** Of the curve after a step, null: the last one; null where there is no digest. */
export function explain(links: CurveLinks, history: History, run: DashboardRun, locked: number | null): Explained | null {
  const facts = factsOf(run);
  const step = locked === null ? history.step : (history.steps.step[firstAtLeast(history.steps.step, locked)] ?? history.step);
  const digest = facts && links.at(facts, history, step);
  if (!facts || !digest) return null;
  const { settings, text, tokenizer } = curveParts(facts);
  const losses = history.steps.loss;
  return {
    digest,
    after: t('after {0}', steps(step)),
    sentence: t('The first 12 digits of a SHA-256 over all that makes this curve:'),
    parts: [
      { name: t('Settings and shape'), value: settings },
      { name: t('Text, as tokens'), value: text },
      { name: t('Tokenizer'), value: tokenizer },
      { name: t('Losses, every bit'), value: t('{0} … {1}, {2}', full(losses[0]!), full(losses[step - 1]!), steps(step)) },
    ],
    agreement: [
      t('Whoever has the same digits after as many steps has the same curve, to the last bit, however many threads computed it.'),
      run.curve?.everywhere
        ? t('This run computes exactly (llmLoupe.exact): with the same settings, text and tokenizer, every machine must come to them.')
        : t('This run does not compute exactly: only processors of one kind come to them. With llmLoupe.exact all must.'),
      t('Where they differ, so does one of the lines above; if none but the losses does, one of the two started from another model.'),
    ],
  };
}

export class Digest {
  private readonly links = new CurveLinks();
  private readonly digits = h('code', { class: 'mono' });
  private readonly after = h('span', { class: 'dim' });
  private readonly words = h('div', { class: 'digest-words' });
  private readonly summary = h('summary', {}, h('span', { class: 'dim' }, t('Digest of the curve')), ' ', this.digits, ' ', this.after);
  readonly element = h(
    'div',
    { class: 'digest', hidden: true },
    h('details', {}, this.summary, this.words),
    iconButton('copy', t('Copy the digest'), () => this.copy(this.digits.textContent ?? '')),
  );
  private shown = '';

  constructor(private readonly copy: (digest: string) => void) {}

  /** Of the curve after a step, null: the last one. */
  explained(history: History, run: DashboardRun, locked: number | null): Explained | null {
    return explain(this.links, history, run, locked);
  }

  show(history: History, run: DashboardRun, locked: number | null): void {
    const explained = this.explained(history, run, locked);
    this.element.hidden = explained === null;
    const key = JSON.stringify(explained);
    if (!explained || key === this.shown) return;
    this.shown = key;
    const { digest, after, sentence, parts, agreement } = explained;
    this.digits.textContent = digest;
    this.after.textContent = after;
    this.summary.title = [sentence, ...parts.map(({ name, value }) => `· ${name}: ${value}`), ...agreement].join('\n');
    fill(
      this.words,
      h('p', {}, sentence),
      h('dl', { class: 'facts' }, ...parts.flatMap(({ name, value }) => [h('dt', {}, name), h('dd', { class: 'mono' }, value)])),
      ...agreement.map((line) => h('p', {}, line)),
    );
  }
}
