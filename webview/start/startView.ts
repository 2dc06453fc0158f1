/** The page: four steps, each a few sentences and the button that does the real thing. It is kept; what happens changes it in place. */
import { type StartHost, type StartState, type StartStep, startSteps } from '../../src/protocol/panels';
import type { Client } from '../../src/protocol/rpc';
import { type Child, fill, h, icon } from '../lib/dom';
import { t } from '../lib/l10n';
import { ExampleView } from './exampleView';
import type { Place } from './formulas';

export interface Saved {
  /** The number of the example that was clicked. */
  readonly locked: Place | null;
}

interface Section {
  readonly element: HTMLElement;
  readonly tick: HTMLElement;
  readonly button: HTMLButtonElement;
  /** What is said beside the button. */
  readonly hint: HTMLElement;
}

export class StartView {
  readonly element: HTMLElement;
  private readonly count = h('p', { class: 'count', role: 'status' });
  private readonly resetButton = h('button', { type: 'button', class: 'link-button', onclick: () => this.reset() }, t('Start again'));
  private readonly source = h('div', { class: 'segments', role: 'radiogroup', 'aria-label': t('The text of the steps') });
  private readonly sections: Readonly<Record<StartStep, Section>>;
  private state: StartState | null = null;

  constructor(
    private readonly host: Client<StartHost>,
    saved: Saved,
    save: (state: Saved) => void,
  ) {
    const example = new ExampleView(saved.locked, (locked) => save({ locked }));
    this.sections = {
      merges: this.section('merges', 1, t('See a word being merged'), t('Show Merges'), [
        h(
          'p',
          {},
          t(
            'A model reads numbers, not letters. First a text is only bytes. Then the pair of neighbours that was learnt first is merged into one, everywhere; then the next. What is left are its tokens.',
          ),
        ),
        h('p', {}, t('Move the slider and watch how few steps it takes, and where the cuts fall. They are seldom where you would cut.')),
      ]),
      attention: this.section('attention', 2, t('Work out attention by hand'), t('Inspect Attention'), [
        h(
          'p',
          {},
          t(
            'Three tokens, two dimensions. Every token asks (Q), answers (K) and hands something over (V). Attention is nothing more than the numbers below, worked out here as you read; in a model there are more of them.',
          ),
        ),
        example.element,
        h('p', {}, t('Now the same on a real text, where the numbers were learnt. Click a cell to see its own calculation.')),
      ]),
      train: this.section('train', 3, t('Train for one minute'), t('Train for One Minute'), [
        h(
          'p',
          {},
          t(
            'The model reads the files of your folder and guesses each next token; each wrong guess changes it a little. Everything stays on your machine.',
          ),
        ),
        h(
          'p',
          {},
          t(
            'Choose the first line of the list. The sentence above the curve says how good it is so far: better or worse than counting pairs of bytes?',
          ),
        ),
      ]),
      surprise: this.section('surprise', 4, t('See what surprises it'), t('Show Surprise'), [
        h(
          'p',
          {},
          t(
            'Every token of your text is coloured by how unexpected it was to the model; of a model you trained, the status bar says whether it has read this file. Hover a red token: what had it expected instead?',
          ),
        ),
        h('p', {}, t('Leave it on while you train again, and watch the red go.')),
      ]),
    };
    this.element = h(
      'main',
      { class: 'start' },
      h(
        'header',
        {},
        h('h1', { class: 'title' }, t('Four things to do, about two minutes each')),
        h('div', { class: 'progress-line' }, this.count, this.resetButton),
        h('div', { class: 'source-line' }, h('span', { class: 'dim' }, t('On')), this.source),
      ),
      ...startSteps.map((step) => this.sections[step].element),
    );
    this.source.addEventListener('keydown', (event) => this.sourceKey(event));
  }

  show(state: StartState): void {
    this.state = state;
    const { done } = state;
    fill(this.count, done.length === startSteps.length ? t('All four done.') : t('{0} of {1} done', done.length, startSteps.length));
    this.resetButton.hidden = done.length === 0;
    const next = startSteps.find((step) => !done.includes(step));
    for (const step of startSteps) {
      const { element, tick, button } = this.sections[step];
      const ticked = done.includes(step);
      element.classList.toggle('done', ticked);
      fill(
        tick,
        icon(ticked ? 'pass-filled' : 'circle-large-outline'),
        h('span', { class: 'visually-hidden' }, ticked ? t('done:') : t('to do:')),
      );
      button.classList.toggle('secondary', step !== next);
    }
    this.showSource(state);
    this.showTraining(state);
  }

  private section(step: StartStep, number: number, title: string, label: string, content: readonly Child[]): Section {
    const tick = h('span', { class: 'tick' });
    const hint = h('span', { class: 'dim', id: `hint-${step}` });
    const button = h('button', { type: 'button', class: 'button', 'aria-describedby': hint.id, onclick: () => this.act(step) }, label);
    const element = h(
      'section',
      { class: 'step', 'aria-labelledby': `step-${step}` },
      h('h2', { id: `step-${step}` }, tick, ` ${number}. ${title}`),
      ...content,
      h('div', { class: 'action' }, button, hint),
    );
    return { element, tick, button, hint };
  }

  private showSource({ file, onSample }: StartState): void {
    const choice = (label: string, sample: boolean, disabled: boolean) =>
      h(
        'button',
        {
          type: 'button',
          role: 'radio',
          'aria-checked': onSample === sample,
          tabindex: onSample === sample ? 0 : -1,
          disabled,
          onclick: () => void this.host.useSample({ on: sample }),
        },
        label,
      );
    const focused = this.source.contains(document.activeElement);
    fill(this.source, choice(file ?? t('your file (open one first)'), false, file === null), choice(t('the sample'), true, false));
    if (focused) this.source.querySelector<HTMLElement>('[aria-checked="true"]')?.focus();
  }

  private showTraining({ training }: StartState): void {
    const { button, hint } = this.sections.train;
    fill(button, training === 'noFolder' ? t('Open Folder…') : t('Train for One Minute'));
    button.disabled = training === 'untrusted';
    const said = {
      ready: t('It says which files it would read, and asks before it starts.'),
      noFolder: t('Training reads the files of a folder, and none is open.'),
      untrusted: t('Training needs a workspace that you trust.'),
    };
    fill(hint, said[training]);
  }

  private act(step: StartStep): void {
    if (step === 'train' && this.state?.training === 'noFolder') void this.host.openFolder({});
    else void this.host.act({ step });
  }

  private reset(): void {
    void this.host.reset({});
    // Its own button goes away.
    this.sections[startSteps[0]].button.focus();
  }

  private sourceKey(event: KeyboardEvent): void {
    if (!/^Arrow/.test(event.key) || !this.state) return;
    event.preventDefault();
    if (this.state.file !== null) void this.host.useSample({ on: !this.state.onSample });
  }
}
