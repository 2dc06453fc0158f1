/** The generation panel: prompt, settings, what was generated, and the distribution of the token that is looked at. */
import type { FinishReason, GenerateStep, SampleSettings } from '../../src/core/sample/types';
import type { Copied } from '../../src/protocol/engine';
import type { CopiedFrom, GeneratedWith, GenerateHost, GenerateState, PanelMessage } from '../../src/protocol/panels';
import type { Client } from '../../src/protocol/rpc';
import { css } from '../lib/colour';
import { copiedPlaces, copiedWords } from '../lib/copied';
import { tokens } from '../lib/counts';
import { fill, h, icon, iconButton } from '../lib/dom';
import { errorText } from '../lib/errorText';
import { int } from '../lib/format';
import { t } from '../lib/l10n';
import { themePalette } from '../lib/palette';
import { exportButton } from '../lib/save';
import { progressBar } from '../lib/states';
import { onTheme } from '../lib/theme';
import { Chips } from './chips';
import { generationJson, stepRows } from './exports';
import { picture } from './picture';
import { Pipeline } from './pipeline';
import { type Chosen, SettingsForm } from './settings';
import { finishWords, readWords } from './words';

/** One generation: what it was asked, and what came of it. Outlives a reload. */
export interface Generation extends Chosen {
  readonly prompt: string;
  readonly steps: GenerateStep[];
  finish: FinishReason | null;
  tokensPerSecond: number | null;
  /** What wrote it; absent until it has ended. */
  made?: GeneratedWith;
  /** What of it stands in the training text; null where that is not known, absent before it was compared. */
  copied?: Copied | null;
}

export interface Saved extends Chosen {
  readonly model: string;
  readonly prompt: string;
  readonly generation: Generation | null;
  readonly locked: number | null;
}

export class GenerateView {
  readonly element: HTMLElement;
  private readonly prompt: HTMLTextAreaElement;
  private readonly form = new SettingsForm(() => this.remember());
  private readonly chips = new Chips({ look: (index) => this.look(index), lock: (index) => this.lock(index) });
  private readonly pipeline = new Pipeline();
  private readonly bar = progressBar(t('Generating'));
  private readonly status = h('p', { class: 'status dim' });
  private readonly live = h('div', { class: 'visually-hidden', role: 'status', 'aria-live': 'polite' });
  private readonly notice = h('p', { class: 'notice', hidden: true });
  private readonly comparison = h('p', { class: 'notice', hidden: true });
  /** What of the text was copied, once that is known. */
  private readonly copiedLine = h('p', { class: 'copied-line dim', hidden: true });
  private readonly failure = h('div', { class: 'failure', role: 'alert', hidden: true });
  private readonly modelName = h('span', { class: 'model-name' });
  private readonly generateButton: HTMLButtonElement;
  private readonly stopButton: HTMLButtonElement;
  private readonly replayButton: HTMLButtonElement;
  private readonly afterwards: HTMLButtonElement[];
  private readonly invitation: HTMLElement;
  private running: AbortController | null = null;
  private generation: Generation | null = null;
  private looked: number | null = null;
  private locked: number | null = null;
  private model = '';

  constructor(
    private readonly host: Client<GenerateHost>,
    private readonly save: (state: Saved) => void,
  ) {
    this.prompt = h('textarea', {
      class: 'input prompt',
      id: 'prompt',
      rows: 3,
      dir: 'auto',
      placeholder: t('The text to continue'),
      spellcheck: 'false',
    });
    this.prompt.addEventListener('input', () => this.remember());
    this.prompt.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      void this.generate();
    });
    this.generateButton = h('button', { type: 'button', class: 'button compact', onclick: () => void this.generate() }, t('Generate'));
    this.stopButton = h(
      'button',
      { type: 'button', class: 'button secondary compact', hidden: true, onclick: () => this.stop() },
      t('Stop'),
    );
    this.replayButton = iconButton('debug-restart', t('Again, with the same seed: the same text'), () => void this.replay());
    const nextSeed = iconButton('refresh', t('Generate with the next seed'), () => void this.nextSeed());
    const insert = iconButton('insert', t('Insert at the cursor'), () => void this.insert());
    const copy = iconButton('copy', t('Copy the generated text'), () => void this.copy());
    this.afterwards = [this.replayButton, insert, copy];
    const exportMenu = exportButton(host, {
      name: () => 'generation',
      picture: (palette) => picture(palette, this.shownStep, this.generation?.settings ?? this.form.value.settings),
      csv: () => stepRows(this.generation?.steps ?? []),
      json: () => this.generation && generationJson(this.model, this.generation),
      python: () => this.python(),
    });
    // Before anything is generated there is nothing to take out.
    this.afterwards.push(exportMenu.querySelector('button')!);
    this.colour();
    onTheme(() => this.colour());
    this.invitation = h('p', { class: 'invitation dim' }, t('Generate, then click a token to see the distribution it was drawn from.'));
    this.element = h(
      'div',
      { class: 'page generate' },
      h(
        'div',
        { class: 'toolbar', role: 'toolbar', 'aria-label': t('Generation') },
        this.generateButton,
        this.stopButton,
        this.replayButton,
        nextSeed,
        h('span', { class: 'separator' }),
        insert,
        copy,
        exportMenu,
        h('span', { class: 'spring' }),
        this.modelName,
      ),
      this.bar.element,
      this.failure,
      h(
        'main',
        { class: 'columns' },
        h(
          'section',
          { class: 'stage' },
          this.notice,
          this.comparison,
          h('label', { for: 'prompt' }, t('Prompt')),
          this.prompt,
          this.form.element,
          this.status,
          this.chips.element,
          this.copiedLine,
        ),
        h('section', { class: 'side', 'aria-label': t('How the token was drawn') }, this.invitation, this.pipeline.element),
      ),
      this.live,
    );
  }

  /** What the host says; what the user had typed and generated before a reload is kept where it is the same model. */
  show(state: GenerateState, saved?: Saved): void {
    this.stop();
    const kept = saved?.model === state.model ? saved : null;
    this.model = state.model;
    this.modelName.textContent = state.model;
    this.modelName.title = state.model;
    this.prompt.value = kept?.prompt ?? state.prompt;
    this.form.value = kept ?? state;
    this.noticed(state.notice);
    this.fail(state.error);
    this.start(kept?.generation ?? null);
    if (kept?.generation) for (const step of kept.generation.steps) this.chips.append(step);
    this.locked = kept?.locked ?? null;
    this.showCopied();
    this.draw();
  }

  /** What should be known of the model before it writes. */
  noticed(notice: string | null): void {
    this.notice.hidden = notice === null;
    this.notice.textContent = notice;
  }

  /** Walks the generated tokens from wherever the focus is. */
  move(by: number): boolean {
    const count = this.generation?.steps.length ?? 0;
    if (count === 0) return false;
    this.lock(Math.min(count - 1, Math.max(0, (this.locked ?? count - 1) + by)));
    return true;
  }

  unlock(): boolean {
    if (this.locked === null) return false;
    this.lock(null);
    return true;
  }

  // ---- generating

  private async generate(): Promise<void> {
    if (this.running) return;
    const generation: Generation = { ...this.form.value, prompt: this.prompt.value, steps: [], finish: null, tokensPerSecond: null };
    const controller = new AbortController();
    this.running = controller;
    this.fail(null);
    this.locked = null;
    this.start(generation);
    this.live.textContent = t('Generating…');
    this.draw();
    const { prompt, maxTokens, settings } = generation;
    const onProgress = (step: GenerateStep) => {
      if (this.generation !== generation) return;
      generation.steps.push(step);
      this.chips.append(step);
      this.later();
    };
    try {
      const result = await this.host.generate({ prompt, maxTokens, settings }, { signal: controller.signal, onProgress });
      generation.finish = result.finish;
      generation.tokensPerSecond = result.tokensPerSecond;
      generation.made = result.made;
    } catch (error) {
      if (controller.signal.aborted) generation.finish = 'cancelled';
      else this.fail({ title: errorText(error), detail: '' });
    }
    if (this.running === controller) this.running = null;
    // What the end of it would have said.
    if (generation.finish === 'cancelled') {
      const made = await this.host.made({ prompt }).catch(() => null);
      if (made) generation.made = made;
    }
    if (this.generation !== generation) return;
    this.draw();
    this.live.textContent = this.status.textContent;
    this.remember();
    await this.compare(generation);
  }

  /** What of the text stands in the training text, underlined and said. */
  private async compare(generation: Generation): Promise<void> {
    const { text } = this;
    if (text === '') return;
    try {
      const copied = await this.host.copies({ text });
      if (this.generation !== generation) return;
      generation.copied = copied;
      this.showCopied();
      this.remember();
    } catch (error) {
      if (this.generation === generation) this.fail({ title: errorText(error), detail: '' });
    }
  }

  private showCopied(): void {
    const { generation, text } = this;
    const copied = generation?.copied;
    this.copiedLine.hidden = copied === undefined;
    if (!generation || copied === undefined) return;
    const runs = copied?.runs ?? [];
    const open = (from: CopiedFrom) => void this.attempt(this.host.openCopied(from));
    const places = copiedPlaces(text, runs, open).flatMap((place, i) => [i === 0 ? ' ' : ', ', place]);
    fill(this.copiedLine, copiedWords(copied), ...places);
    let end = 0;
    const ends = generation.steps.map((step) => {
      end += step.text.length;
      return end;
    });
    this.chips.underline(runs, ends);
  }

  /** The model does worse than counting bytes; null: nothing to say. */
  compared(words: string | null): void {
    this.comparison.hidden = words === null;
    if (words === null) return;
    const hide = () => {
      this.comparison.hidden = true;
      void this.attempt(this.host.hideComparison({}));
    };
    fill(this.comparison, words, ' ', h('button', { type: 'button', class: 'link-button', onclick: hide }, t('Do not compare')));
  }

  private stop(): void {
    this.running?.abort();
    this.running = null;
  }

  private async replay(): Promise<void> {
    if (!this.generation) return;
    this.prompt.value = this.generation.prompt;
    this.form.value = this.generation;
    await this.generate();
  }

  private async nextSeed(): Promise<void> {
    const { settings, maxTokens } = this.form.value;
    this.form.value = { settings: { ...settings, seed: settings.seed + 1 }, maxTokens };
    await this.generate();
  }

  private get text(): string {
    return (this.generation?.steps ?? []).map(({ text }) => text).join('');
  }

  private async insert(): Promise<void> {
    await this.attempt(this.host.insert({ text: this.text }));
  }

  private async copy(): Promise<void> {
    await this.attempt(this.host.save({ name: 'generated.txt', mime: 'text/plain', data: this.text, copy: true }));
    this.live.textContent = t('Copied.');
  }

  private async python(): Promise<{ saved: boolean }> {
    const { generation, shown, shownStep: step } = this;
    if (!generation || shown === null || !step) return { saved: false };
    const { prompt, settings, steps } = generation;
    return this.host.python({ prompt, settings, written: steps.slice(0, shown).map(({ id }) => id), step });
  }

  private async attempt(call: Promise<unknown>): Promise<void> {
    try {
      await call;
    } catch (error) {
      this.fail({ title: errorText(error), detail: '' });
    }
  }

  // ---- looking

  private look(index: number | null): void {
    if (index === this.looked) return;
    this.looked = index;
    this.draw();
  }

  private lock(index: number | null): void {
    this.locked = index;
    this.looked = null;
    this.draw();
    this.remember();
  }

  private get shown(): number | null {
    const count = this.generation?.steps.length ?? 0;
    return this.looked ?? this.locked ?? (count > 0 ? count - 1 : null);
  }

  private get shownStep(): GenerateStep | null {
    return this.shown === null ? null : (this.generation?.steps[this.shown] ?? null);
  }

  // ---- drawing

  /** The colour of what was chosen, for the style sheet: the theme's own orange is translucent. */
  private colour(): void {
    document.documentElement.style.setProperty('--loupe-chosen', css(themePalette().categories[1]!));
  }

  private pending = 0;

  private later(): void {
    if (this.pending) return;
    this.pending = requestAnimationFrame(() => {
      this.pending = 0;
      this.draw();
    });
  }

  private start(generation: Generation | null): void {
    this.generation = generation;
    this.looked = null;
    this.chips.clear(generation?.prompt ?? '');
    this.copiedLine.hidden = true;
  }

  private draw(): void {
    const { generation, running } = this;
    const count = generation?.steps.length ?? 0;
    const settings: SampleSettings = generation?.settings ?? this.form.value.settings;
    this.generateButton.hidden = running !== null;
    this.stopButton.hidden = running === null;
    for (const button of this.afterwards) button.disabled = count === 0 || running !== null;
    this.bar.set(running && generation ? count / generation.maxTokens : 0);
    this.chips.element.hidden = generation === null;
    this.chips.mark(this.locked, this.shown);
    this.pipeline.show(this.shownStep, settings);
    this.invitation.hidden = count > 0;
    this.status.textContent = this.statusWords();
  }

  private statusWords(): string {
    const { generation, running } = this;
    if (!generation) return t('Ctrl+Enter generates.');
    const count = generation.steps.length;
    if (running) return count === 0 ? t('Reading the prompt…') : t('{0} of {1}', int(count), tokens(generation.maxTokens));
    if (!generation.finish) return '';
    const finished = finishWords(generation.finish, count, generation.tokensPerSecond);
    return generation.made ? `${finished} ${readWords(generation.made)}` : finished;
  }

  fail(message: PanelMessage | null): void {
    this.failure.hidden = message === null;
    if (!message) return;
    const { title, detail, action } = message;
    const run = action && (() => void this.host.command({ command: action.command }));
    fill(
      this.failure,
      h('p', { class: 'failure-title' }, icon('error'), ' ', title),
      detail && h('p', {}, detail),
      action && h('button', { type: 'button', class: 'button', onclick: run }, action.label),
    );
  }

  private remember(): void {
    if (this.running) return;
    this.save({ ...this.form.value, model: this.model, prompt: this.prompt.value, generation: this.generation, locked: this.locked });
  }
}
