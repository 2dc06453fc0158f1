/**
 * One run on screen: toolbar, title, charts, film strip, details. Events are appended, and everything that changed is drawn
 * at most ten times a second, in place.
 */
import type { TrainEvent } from '../../src/core/train/events';
import type { RunInfo } from '../../src/protocol/engine';
import type { Comparison, DashboardHost, DashboardRun, PanelMessage } from '../../src/protocol/panels';
import type { Client } from '../../src/protocol/rpc';
import { steps, threads } from '../lib/counts';
import { fill, h, icon, iconButton } from '../lib/dom';
import { errorText } from '../lib/errorText';
import { full, int, megabytes } from '../lib/format';
import { t } from '../lib/l10n';
import { exportButton } from '../lib/save';
import { progressBar } from '../lib/states';
import { dataTable } from '../lib/table';
import { onTheme } from '../lib/theme';
import { About } from './about';
import { board } from './board';
import { Charts, type View } from './charts';
import { CheckpointSlider } from './checkpoints';
import { ComparisonView } from './compare';
import { copiedShares, SampleCopies } from './copies';
import { Details } from './details';
import { Digest } from './digest';
import { speed } from './explain';
import { memory, readSoFar, stepsDone, time as timeOf } from './explainRun';
import { csvRows, heading, jsonRecord } from './exports';
import type { Heading } from './figure';
import { FilmStrip } from './film';
import { History } from './history';
import { type ActionName, actions, advance } from './plan';
import { plannedSteps, scheduleAhead } from './planned';
import { atStep, type Unit } from './series';
import { HeadFilm } from './thumbnails';
import { type Ahead, bandAhead, forecastWords, foresee, ladder, outlook, standingAmong } from './verdict';
import { announcement, loss, progress, runName, standing, stateNote, unitName } from './words';
import { WorkedList } from './worked';

type Settings = Pick<View, 'unit' | 'logX' | 'logY' | 'smoothing' | 'locked' | 'align'> & { readonly table: boolean };

/** Least time between two drawings, in ms; and between two announcements: a screen reader must be able to finish one. */
const DRAW_EVERY = 100;
const ANNOUNCE_EVERY = 5000;

export class RunView {
  readonly element: HTMLElement;
  /** Stops watching the theme: another run is shown. */
  readonly dispose: () => void;
  private readonly history: History;
  private readonly events: TrainEvent[];
  private readonly view: View;
  private table: boolean;
  private readonly charts: Charts;
  private readonly film: FilmStrip;
  private readonly details: Details;
  private readonly about: About;
  private readonly digest: Digest;
  private readonly copies: SampleCopies;
  private readonly checkpoints: CheckpointSlider;
  private readonly heads: HeadFilm;
  private readonly comparison: ComparisonView;
  private readonly bar = progressBar(t('Training'));
  private readonly buttons = h('span', { class: 'actions' });
  private readonly title = h('h1', { class: 'headline' });
  private readonly outlook = h('p', { class: 'outlook' });
  private readonly standing = h('p', { class: 'standing' });
  private readonly note = h('p', { class: 'note', role: 'status', hidden: true });
  private readonly failure = h('div', { class: 'failure', role: 'alert', hidden: true });
  private readonly live = h('div', { class: 'visually-hidden', role: 'status', 'aria-live': 'polite' });
  private readonly worked = new WorkedList();
  private readonly tableFrame = h('div', { hidden: true });
  private readonly unitSelect: HTMLSelectElement;
  private readonly logButton: HTMLButtonElement;
  private readonly logLossButton: HTMLButtonElement;
  private readonly tableButton: HTMLButtonElement;
  private shownActions = '';
  private shownTable = -1;
  private announced = Number.NEGATIVE_INFINITY;
  private announcedEvals: number;
  private timer = 0;
  private disposed = false;
  private drawn = Number.NEGATIVE_INFINITY;
  private waiting: ActionName | null = null;
  private fitted: { readonly stamp: string; readonly ahead: Ahead | null } | null = null;

  constructor(
    private run: DashboardRun,
    events: readonly TrainEvent[],
    others: readonly RunInfo[],
    private readonly host: Client<DashboardHost>,
    settings: Settings,
    private readonly remember: (settings: Settings & { readonly run: string }) => void,
  ) {
    this.events = [...events];
    this.history = new History(events);
    this.announcedEvals = this.history.evals.step.length;
    this.view = { ...settings, span: null };
    this.table = settings.table;
    const failed = (error: unknown) => this.fail({ title: errorText(error), detail: '' });
    this.comparison = new ComparisonView(
      this.host,
      this.view.align,
      (align) => this.setAlign(align),
      () => this.later(),
      failed,
    );
    this.charts = new Charts(
      this.view,
      () => this.changed(),
      (step) => {
        this.comparison.read(step);
        this.showWorked();
      },
    );
    this.film = new FilmStrip((step) => this.charts.lock(this.view.locked === step ? null : step));
    this.about = new About((change) => this.describe(change));
    this.digest = new Digest(
      (digest) => void this.host.save({ name: 'digest.txt', mime: 'text/plain', data: digest, copy: true }).catch(() => {}),
    );
    this.details = new Details(
      (from) => void this.host.openCopied(from).catch((error) => this.fail({ title: errorText(error), detail: '' })),
      [this.about.element, this.digest.element],
    );
    this.copies = new SampleCopies(
      (texts) => this.host.copies({ run: this.id, texts }),
      () => this.later(),
    );
    this.checkpoints = new CheckpointSlider(this.host, failed);
    this.heads = new HeadFilm(this.host, failed);
    this.unitSelect = h(
      'select',
      { class: 'select', 'aria-label': t('Unit of the loss'), onchange: (event: Event) => this.setUnit(selected(event) as Unit) },
      ...(['bitsPerByte', 'nats'] as const).map((name) => h('option', { value: name, selected: name === this.view.unit }, unitName(name))),
    );
    this.logButton = iconButton('graph-line', t('Steps on a logarithmic axis'), () => this.setLog(!this.view.logX), {
      'aria-pressed': this.view.logX,
    });
    this.logLossButton = iconButton('graph-scatter', t('Loss on a logarithmic axis'), () => this.toggleLogLoss(), {
      'aria-pressed': this.view.logY,
    });
    this.tableButton = iconButton('table', t('Show as table'), () => this.toggleTable(), { 'aria-pressed': this.table });
    const stage = h(
      'section',
      { class: 'stage' },
      this.title,
      this.outlook,
      this.standing,
      this.charts.element,
      this.worked.element,
      this.tableFrame,
      this.comparison.element,
      this.checkpoints.element,
      this.film.element,
      this.heads.element,
    );
    this.element = h(
      'div',
      { class: 'page dashboard' },
      this.toolbar(others),
      this.bar.element,
      this.note,
      this.failure,
      h('main', { class: 'columns' }, stage, this.details.element),
      this.live,
    );
    const unwatch = onTheme(() => {
      this.charts.recolour();
      this.comparison.recolour();
      this.heads.recolour();
    });
    this.dispose = () => {
      // What it would ask for when drawn once more would take the place of what its successor asked.
      this.disposed = true;
      this.comparison.dispose();
      unwatch();
      this.heads.stop();
      this.about.leave();
    };
    this.draw();
    void this.comparison.load(this.id);
  }

  get id(): string {
    return this.run.info.id;
  }

  append(events: readonly TrainEvent[]): void {
    for (const event of events) this.events.push(event);
    this.history.append(events);
    const before = this.run.info.state;
    this.run = advance(this.run, events);
    if (this.run.info.state !== before) this.waiting = null;
    this.later();
  }

  update(run: DashboardRun): void {
    this.run = run;
    this.waiting = null;
    this.checkpoints.refresh();
    this.later();
  }

  /** Other runs were chosen to stand beside this one. */
  compare(comparison: Comparison): void {
    this.comparison.set(comparison);
  }

  fail(message: PanelMessage | null): void {
    this.failure.hidden = message === null;
    if (!message) return;
    const { title: words, detail, action } = message;
    fill(
      this.failure,
      h('p', { class: 'failure-title' }, icon('error'), ' ', words),
      detail && h('p', {}, detail),
      action &&
        h('button', { type: 'button', class: 'button', onclick: () => void this.host.command({ command: action.command }) }, action.label),
    );
  }

  // ---- drawing

  private later(): void {
    if (this.timer || this.disposed) return;
    const wait = Math.max(0, this.drawn + DRAW_EVERY - performance.now());
    this.timer = window.setTimeout(() => requestAnimationFrame(() => this.draw()), wait);
  }

  private draw(): void {
    if (this.disposed) return;
    this.timer = 0;
    this.drawn = performance.now();
    const { history, run, view } = this;
    const { share, words } = progress(history, run);
    this.bar.set(share);
    this.bar.element.setAttribute('aria-valuetext', words);
    this.showActions();
    setText(this.title, standingAmong(history, view.unit));
    setTitle(this.title, [ladder(history, view.unit), readSoFar(history)].filter((words) => words !== null).join('\n'));
    const foreseen = foresee(history, run);
    setText(this.outlook, outlook(history, run, view.unit, foreseen) ?? '');
    setTitle(this.outlook, foreseen && forecastWords(history, view.unit, foreseen));
    this.showStanding();
    showText(this.note, stateNote(run, history));
    this.charts.show({
      history,
      steps: plannedSteps(history, run),
      run,
      ahead: this.ahead(),
      schedule: scheduleAhead(history, run),
      copied: copiedShares(history.samples, this.copies),
      copiedOf: (text) => this.copies.of(text),
      others: this.comparison.overlays(history, view.unit, view.align, view.smoothing),
    });
    this.comparison.show(run, history, view.unit, view.align);
    const shown = this.shownSample();
    this.film.show(history, shown, this.copies);
    this.details.show(history, run, shown, this.copies);
    this.showName(run.info.name);
    this.about.show(run.info);
    this.digest.show(history, run, view.locked);
    this.checkpoints.show(run);
    this.heads.show(run, history, this.checkpoints.steps, this.table, view.locked);
    void this.copies.compare(history.samples.map(({ text }) => text));
    this.showTable();
    this.announce();
  }

  /** Fitted anew only when there is something new to fit. */
  private ahead(): Ahead | null {
    const { history, run } = this;
    const stamp = `${history.evals.step.length} ${history.rewinds} ${run.info.state}`;
    if (stamp !== this.fitted?.stamp) this.fitted = { stamp, ahead: bandAhead(history, run) };
    return this.fitted.ahead;
  }

  private showStanding(): void {
    const { history, run } = this;
    const { step, time } = standing(history, run);
    const { start } = history;
    const perSecond = history.steps.tokensPerSecond.at(-1);
    const parts: [string, string, string | null][] = [
      ['standing-step', step, stepsDone(history, run)],
      ['standing-time', time, timeOf(history, run)],
    ];
    if (perSecond !== undefined && run.info.state === 'running')
      parts.push(['standing-speed', t('{0} tokens/s', int(perSecond)), speed(history, run, history.step)]);
    if (start) {
      parts.push(['', `${start.backend}, ${threads(start.threads)}`, null]);
      parts.push(['', t('{0} of memory', megabytes(start.memoryBytes)), memory(history, run)]);
    }
    if (this.standing.childElementCount !== parts.length) fill(this.standing, ...parts.map(([name]) => h('span', { class: name })));
    parts.forEach(([, words, worked], i) => {
      const part = this.standing.children[i] as HTMLElement;
      setText(part, words);
      setTitle(part, worked);
    });
  }

  /** The hovers of the stage again, for who has no mouse. */
  private showWorked(): void {
    const above = [this.title, this.outlook, ...(this.standing.children as Iterable<HTMLElement>)];
    const worked = above.flatMap(({ textContent, title }) => (title ? [{ name: textContent ?? '', words: title }] : []));
    this.worked.show([...worked, ...this.charts.explained]);
  }

  private showName(name: string): void {
    const { info } = this.run;
    const shown = this.element.querySelector('.toolbar .run-name, .run-picker option:checked');
    if (shown) setText(shown, shown.matches('option') ? runName(name, info.state) : name);
  }

  private async describe(change: { name?: string; note?: string }): Promise<boolean> {
    try {
      await this.host.describe({ run: this.id, ...change });
      return true;
    } catch (error) {
      this.fail({ title: errorText(error), detail: '' });
      return false;
    }
  }

  /** The sample that the locked step saw, else the newest. */
  private shownSample(): number {
    const { samples } = this.history;
    const { locked } = this.view;
    if (locked === null) return samples.length - 1;
    let shown = samples.length - 1;
    while (shown > 0 && samples[shown]!.step > locked) shown--;
    return shown;
  }

  private showTable(): void {
    this.charts.element.hidden = this.table;
    this.tableFrame.hidden = !this.table;
    this.tableButton.setAttribute('aria-pressed', String(this.table));
    const { history } = this;
    const stamp = history.evals.step.length + history.rewinds * 1e6 + (this.view.unit === 'nats' ? 0.5 : 0);
    if (!this.table || stamp === this.shownTable) return;
    this.shownTable = stamp;
    fill(this.tableFrame, evaluationTable(history, this.view.unit));
  }

  private announce(): void {
    const count = this.history.evals.step.length;
    if (count <= this.announcedEvals || performance.now() - this.announced < ANNOUNCE_EVERY) return;
    this.announced = performance.now();
    this.announcedEvals = count;
    this.live.textContent = announcement(this.history);
  }

  // ---- toolbar

  private toolbar(others: readonly RunInfo[]): HTMLElement {
    const { info } = this.run;
    const all = others.some(({ id }) => id === info.id) ? others : [info, ...others];
    const picker =
      all.length > 1 &&
      h(
        'select',
        { class: 'select run-picker', 'aria-label': t('Run'), onchange: (event: Event) => this.choose(event) },
        ...all.map((one) => h('option', { value: one.id, selected: one.id === info.id }, runName(one.name, one.state))),
      );
    const smoothing = h(
      'select',
      { class: 'select', 'aria-label': t('Smoothing'), onchange: (event: Event) => this.setSmoothing(Number(selected(event))) },
      ...[0, 1, 10, 50, 200].map((span) => h('option', { value: span, selected: span === this.view.smoothing }, smoothingName(span))),
    );
    const { history } = this;
    return h(
      'div',
      { class: 'toolbar', role: 'toolbar', 'aria-label': t('Training') },
      picker || h('span', { class: 'run-name' }, info.name),
      this.buttons,
      h(
        'span',
        { class: 'group end view-controls' },
        this.unitSelect,
        smoothing,
        this.logButton,
        this.logLossButton,
        this.tableButton,
        iconButton('git-compare', t('Compare with other runs'), () => void this.comparison.choose()),
        exportButton(this.host, {
          name: () => this.run.info.name,
          picture: (palette) => this.charts.picture(palette, this.heading()),
          csv: () => csvRows(history),
          json: () => jsonRecord(this.run, this.events),
          board: () => board(this.run, history, this.events),
        }),
      ),
    );
  }

  private heading(): Heading {
    const { history, run } = this;
    return heading(run, history, this.digest.explained(history, run, null), this.view.unit);
  }

  private showActions(): void {
    const names = actions(this.run);
    const key = `${names} ${this.waiting} ${this.run.active}`;
    if (key === this.shownActions) return;
    this.shownActions = key;
    const focused = this.buttons.contains(document.activeElement) ? (document.activeElement as HTMLElement).dataset.action : null;
    const run = this.id;
    const glyphs: Record<Exclude<ActionName, 'use'>, [string, string]> = {
      pause: ['debug-pause', t('Pause training')],
      unpause: ['debug-continue', t('Go on')],
      stop: ['debug-stop', t('Stop and keep what was learnt')],
      resume: ['debug-continue', t('Resume from the last checkpoint')],
      continue: ['repo-forked', t('Train on from this model, in a new run…')],
      delete: ['trash', t('Delete this run…')],
    };
    const calls: Record<ActionName, () => Promise<void>> = {
      pause: () => this.host.pause({}),
      unpause: () => this.host.unpause({}),
      stop: () => this.host.stop({}),
      resume: () => this.host.resume({ run }),
      use: () => this.host.use({ run }),
      continue: () => this.host.continue({ run }),
      delete: async () => void (await this.host.delete({ run })),
    };
    const elements = names.map((name) => {
      const act = () => void this.act(name, calls[name]);
      const attributes = { 'data-action': name, disabled: this.waiting !== null };
      if (name === 'use')
        return h('button', { type: 'button', class: 'button secondary compact', onclick: act, ...attributes }, t('Use This Model'));
      const [glyph, label] = glyphs[name];
      return iconButton(glyph, label, act, attributes);
    });
    const active = this.run.active && h('span', { class: 'active-model' }, icon('check'), ' ', t('in use'));
    const waiting = this.waiting === 'stop' && h('span', { class: 'dim' }, t('Stopping after this step…'));
    fill(this.buttons, ...elements, active, waiting);
    if (focused) (this.buttons.querySelector<HTMLElement>(`[data-action="${focused}"]`) ?? this.buttons.querySelector('button'))?.focus();
  }

  private async act(name: ActionName, call: () => Promise<void>): Promise<void> {
    this.waiting = name;
    this.fail(null);
    this.showActions();
    try {
      await call();
      // Pausing and stopping end with an event or an update; the others are done when they are answered.
      if (name !== 'pause' && name !== 'unpause' && name !== 'stop') this.waiting = null;
    } catch (error) {
      this.waiting = null;
      this.fail({ title: errorText(error), detail: '' });
    }
    this.later();
  }

  private choose(event: Event): void {
    void this.host.choose({ run: selected(event) });
  }

  // ---- what the user chose

  private setUnit(unit: Unit): void {
    this.view.unit = unit;
    this.unitSelect.value = unit;
    this.changed();
  }

  private setSmoothing(smoothing: number): void {
    this.view.smoothing = smoothing;
    this.changed();
  }

  private setAlign(align: View['align']): void {
    this.view.align = align;
    this.changed();
  }

  private setLog(on: boolean): void {
    this.view.logX = on;
    this.logButton.setAttribute('aria-pressed', String(on));
    this.changed();
  }

  toggleTable(): undefined {
    this.table = !this.table;
    this.changed();
  }

  toggleUnit(): undefined {
    this.setUnit(this.view.unit === 'nats' ? 'bitsPerByte' : 'nats');
  }

  toggleLog(): undefined {
    this.setLog(!this.view.logX);
  }

  toggleLogLoss(): undefined {
    this.view.logY = !this.view.logY;
    this.logLossButton.setAttribute('aria-pressed', String(this.view.logY));
    this.changed();
  }

  /** Everything in sight and the last step shown; false when it was so already. */
  unlock(): boolean {
    if (this.view.locked === null && this.view.span === null) return false;
    this.view.span = null;
    this.charts.lock(null);
    return true;
  }

  private changed(): void {
    const { unit, logX, logY, smoothing, locked, align } = this.view;
    this.remember({ run: this.id, unit, logX, logY, smoothing, locked, align, table: this.table });
    this.draw();
  }
}

interface EvalRow {
  readonly step: number;
  readonly train: number | null;
  readonly held: number;
  readonly learningRate: number | null;
  readonly gradNorm: number | null;
  readonly speed: number | null;
}

/** Every evaluation with the figures of its step. */
function evaluationTable(history: History, unit: Unit): HTMLElement {
  const { evals, steps } = history;
  const rows = evals.step.map((step, i): EvalRow => {
    const at = atStep(steps.step, step);
    const of = (column: readonly number[]) => (at < 0 ? null : column[at]!);
    const factor = unit === 'nats' ? 1 : evals.bitsPerByte[i]! / evals.valLoss[i]!;
    return {
      step,
      train: evals.loss[i]! * factor,
      held: (unit === 'nats' ? evals.valLoss : evals.bitsPerByte)[i]!,
      learningRate: of(steps.learningRate),
      gradNorm: of(steps.gradNorm),
      speed: of(steps.tokensPerSecond),
    };
  });
  const column = (name: string, read: (row: EvalRow) => number | null, format = loss as (value: number | null) => string) => ({
    title: name,
    number: true,
    cell: (row: EvalRow) => format(read(row)),
    hover: (row: EvalRow) => {
      const exact = read(row);
      return exact === null ? '' : full(exact);
    },
  });
  return dataTable({
    caption: t('Every evaluation; losses in {0}. The CSV export holds every step.', unitName(unit)),
    columns: [
      column(
        t('Step'),
        (row) => row.step,
        (step) => int(step ?? 0),
      ),
      column(t('Training'), (row) => row.train),
      column(t('Held-out text'), (row) => row.held),
      column(t('Learning rate'), (row) => row.learningRate),
      column(t('Gradient norm'), (row) => row.gradNorm),
      column(
        t('Tokens/s'),
        (row) => row.speed,
        (speed) => (speed === null ? '–' : int(speed)),
      ),
    ],
    rows,
  });
}

function smoothingName(span: number): string {
  if (span === 0) return t('smoothed');
  return span === 1 ? t('not smoothed') : t('smoothed over {0}', steps(span));
}

function selected(event: Event): string {
  return (event.currentTarget as HTMLSelectElement).value;
}

function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Null: none. */
function setTitle(element: HTMLElement, words: string | null): void {
  if (element.title !== (words ?? '')) element.title = words ?? '';
}

function showText(element: HTMLElement, text: string | null): void {
  element.hidden = text === null;
  setText(element, text ?? '');
}
