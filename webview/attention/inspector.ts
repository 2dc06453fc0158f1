/** The inspector of one text: joins toolbar, atlas, matrix, lines, table and calculation around one `Look`. */
import type { AttentionView } from '../../src/protocol/engine';
import type { AttentionHost, AttentionState } from '../../src/protocol/panels';
import type { Client } from '../../src/protocol/rpc';
import { onSize } from '../lib/canvas';
import { append, fill, h, iconButton } from '../lib/dom';
import { fixed, full, int, num, percent } from '../lib/format';
import { headName } from '../lib/heads';
import { bindKeys } from '../lib/keys';
import { t } from '../lib/l10n';
import { legend } from '../lib/legend';
import { type Palette, themePalette } from '../lib/palette';
import { exportButton } from '../lib/save';
import { banner } from '../lib/states';
import { dataTable, revealChosen } from '../lib/table';
import { onTheme } from '../lib/theme';
import { isolate, tokenChip, visible } from '../lib/tokens';
import { Atlas, type Thumbnails } from './atlas';
import { Calculation, type RowData } from './calculation';
import type { Label } from './drawMatrix';
import { LinesView } from './lines';
import { type Look, within } from './look';
import { MatrixView } from './matrix';
import { headMetrics } from './metrics';
import { type Cell, type HeadData, mostTelling, type Sheet, sheet, strongest } from './numbers';
import { Scatter } from './scatter';
import { clearestHead, headTitle, readingSentence } from './sentences';
import { exportable, type Shown } from './takeOut';
import { Toolbar } from './toolbar';

type Ready = Extract<AttentionState, { kind: 'ready' }>;

const THUMBNAIL = 48;
/** Heads kept, so that going back and forth asks nothing. */
const KEPT_HEADS = 12;

export class Inspector {
  readonly element: HTMLElement;
  private state: Ready | null = null;
  private palette: Palette = themePalette();
  private thumbnails: Thumbnails | null = null;
  private head: { key: string; data: HeadData } | null = null;
  private readonly heads = new Map<string, HeadData>();
  private readonly rows = new Map<string, RowData>();
  private labels: Label[] = [];
  private shown: Sheet | null = null;
  private hovered: Partial<Cell> | null = null;
  private selected: number | null = null;
  private hoveredToken: number | null = null;
  /** Whether there is room for the atlas beside the picture and the calculation. */
  private roomy = true;

  private readonly title = h('h1', { class: 'headline head-title' });
  private readonly reading = h('p', { class: 'dim small reading' });
  private readonly notice = h('div', { class: 'notice' });
  private readonly readout = h('p', { class: 'readout small' });
  private readonly live = h('div', { class: 'visually-hidden', role: 'status', 'aria-live': 'polite' });
  private readonly legend = legend();
  private readonly metrics = h('div', { class: 'metrics' });
  private readonly tableFrame = h('div', { class: 'row-table' });
  private readonly headsFrame = h('nav', { class: 'heads', 'aria-label': t('Heads') });
  private readonly atlas: Atlas;
  private readonly scatter: Scatter;
  private readonly dots: HTMLElement;
  private readonly matrix: MatrixView;
  private readonly lines: LinesView;
  private readonly calculation: Calculation;
  private readonly toolbar: Toolbar;

  constructor(
    private readonly host: Client<AttentionHost>,
    private look: Look,
    /** Nothing was chosen before: the panel may choose a head worth seeing. */
    private fresh: boolean,
    private readonly save: (look: Look) => void,
  ) {
    const pointed = { hover: (at: Partial<Cell> | null) => this.hover(at), click: (at: Partial<Cell>) => this.click(at) };
    this.atlas = new Atlas(
      (choice) => this.change(choice),
      (choice) => this.showMetrics(choice ?? this.look),
    );
    this.scatter = new Scatter(
      (choice) => this.change(choice),
      (choice) => this.showMetrics(choice ?? this.look),
      ({ x, y }) => this.change({ ...(x ? { scatterX: x } : {}), ...(y ? { scatterY: y } : {}) }),
    );
    this.dots = iconButton(
      'graph-scatter',
      t('Heads as dots between two of their numbers'),
      () => this.change({ headsAs: this.look.headsAs === 'scatter' ? 'atlas' : 'scatter' }),
      { 'aria-pressed': false },
    );
    this.matrix = new MatrixView(pointed);
    this.lines = new LinesView(pointed);
    this.calculation = new Calculation({
      reveal: (token) => void host.reveal({ token }),
      choose: (cell) => this.lock(cell),
      hover: (token) => this.tell(token),
    });
    this.toolbar = new Toolbar(
      {
        look: (change) => this.change(change),
        pin: (pinned) => void host.pin({ pinned }),
        selectionOnly: (on) => void host.selectionOnly({ on }),
        heads: () => this.change({ heads: !this.headsOpen }),
        keys: () => document.dispatchEvent(new KeyboardEvent('keydown', { key: '?' })),
      },
      exportButton(host, { ...exportable(() => this.taken()), python: () => this.python() }),
    );
    append(this.headsFrame, [this.atlas.element, this.scatter.element, h('div', { class: 'what-it-does' }, this.dots, this.metrics)]);
    const split = h(
      'div',
      { class: 'split' },
      this.headsFrame,
      h(
        'main',
        { class: 'picture' },
        this.matrix.element,
        this.lines.element,
        this.tableFrame,
        h('footer', { class: 'underline' }, this.readout, this.legend.element),
      ),
      this.calculation.element,
    );
    const stage = h('div', { class: 'stage' }, split);
    this.element = h(
      'div',
      { class: 'inspector' },
      this.toolbar.element,
      this.notice,
      h('header', { class: 'heading' }, this.title, this.reading),
      stage,
      this.live,
    );
    onSize(stage, (width) => {
      const roomy = hasRoom(width, window.innerHeight);
      if (roomy === this.roomy) return;
      this.roomy = roomy;
      this.showHeads();
    });
    this.keys();
    onTheme(() => {
      this.palette = themePalette();
      this.showAtlas();
      this.render();
      this.calculate();
    });
  }

  show(state: Ready): void {
    const sameText = this.state !== null && isSame(this.state.view, state.view);
    this.state = state;
    this.notices();
    this.reading.textContent = readingSentence(state.view, state.document);
    if (sameText) {
      this.toolbar.show(this.toolbarContent(state));
      return;
    }
    this.heads.clear();
    this.rows.clear();
    this.thumbnails = null;
    this.head = null;
    this.hovered = null;
    this.selected = null;
    this.labels = state.view.tokens.map((token, i) => ({
      text: visible(token.text),
      context: i < state.view.firstSelected,
      special: token.start < 0,
      fragment: token.fragment !== null,
    }));
    if (this.fresh) this.look = { ...this.look, ...clearestHead(state.view) };
    this.fresh = false;
    if (state.head) this.look = { ...this.look, ...state.head };
    this.look = within(this.look, state.view);
    this.showAtlas();
    void this.loadThumbnails(state.view);
    void this.loadHead();
  }

  /** The editor's cursor stands on this token. */
  select(token: number | null): void {
    this.selected = token !== null && token < this.size ? token : null;
    this.forgetPointer();
    if (!this.look.locked && this.selected !== null && this.head) {
      this.look = { ...this.look, cell: this.worthSeeing(this.selected) };
      this.render();
      this.calculate();
    } else this.mark();
    if (this.selected !== null) {
      this.lines.reveal(this.selected);
      this.live.textContent = t('Cursor on token {0}, {1}', int(this.selected), isolate(this.labels[this.selected]!.text));
    }
  }

  private get rooted(): boolean {
    return this.look.squareRoot && this.look.stage === 'softmax';
  }

  private get headsOpen(): boolean {
    return this.look.heads ?? this.roomy;
  }

  private get size(): number {
    return this.state?.view.tokens.length ?? 0;
  }

  private toolbarContent({ view, pinned, selectionOnly }: Ready): Parameters<Toolbar['show']>[0] {
    return { look: this.look, headsOpen: this.headsOpen, nLayers: view.nLayers, nHeads: view.nHeads, pinned, selectionOnly };
  }

  // ---- what is looked at

  private change(change: Partial<Look>): void {
    if (!this.state) return;
    const before = this.look;
    let look = within({ ...before, ...change }, this.state.view);
    // Lines are weights: another stage is seen in the matrix.
    if (look.mode === 'lines' && look.stage !== 'softmax')
      look = change.stage ? { ...look, mode: 'matrix' } : { ...look, stage: 'softmax' };
    this.look = look;
    if (look.layer !== before.layer || look.head !== before.head) void this.loadHead();
    else if (look.heads !== before.heads || look.headsAs !== before.headsAs) this.showHeads();
    else if (look.scatterX !== before.scatterX || look.scatterY !== before.scatterY) this.showScatter();
    else {
      if (!look.locked && look.hideFirst !== before.hideFirst) this.look = { ...look, cell: this.worthSeeing(look.cell?.row ?? null) };
      this.render(look.stage !== before.stage || look.hideFirst !== before.hideFirst);
      this.calculate();
    }
    this.save(this.look);
  }

  private async loadThumbnails(view: AttentionView): Promise<void> {
    const thumbnails = await this.attempt(this.host.thumbnails({ view: view.view, size: THUMBNAIL }, { latest: 'thumbnails' }));
    if (!thumbnails || this.state?.view.view !== view.view) return;
    this.thumbnails = thumbnails;
    this.showAtlas();
  }

  private async loadHead(): Promise<void> {
    const { state } = this;
    if (!state) return;
    const { layer, head } = this.look;
    const { view } = state.view;
    const key = headName(layer, head);
    this.atlas.choose({ layer, head });
    this.scatter.choose({ layer, head });
    this.showMetrics({ layer, head });
    this.title.textContent = headTitle(state.view, layer, head);
    this.toolbar.show(this.toolbarContent(state));
    const known = this.heads.get(key);
    const data = known ?? (await this.attempt(this.host.head({ view, layer, head }, { latest: 'head' })));
    if (!data || this.state?.view.view !== view || key !== headName(this.look.layer, this.look.head)) return;
    this.heads.delete(key);
    this.heads.set(key, data);
    if (this.heads.size > KEPT_HEADS) this.heads.delete(this.heads.keys().next().value!);
    this.head = { key, data };
    if (!this.look.locked || !this.look.cell) this.look = { ...this.look, cell: this.worthSeeing(this.selected), locked: false };
    this.render();
    this.calculate();
    this.save(this.look);
  }

  /** What goes wrong is said above the picture; a newer request is no error. */
  private async attempt<T>(call: Promise<T>): Promise<T | null> {
    try {
      return await call;
    } catch (error) {
      const failed = error as { code?: string; message: string };
      if (failed.code !== 'cancelled') this.notices(failed.message);
      return null;
    }
  }

  private notices(error?: string): void {
    const update = () => void this.host.refresh({});
    fill(
      this.notice,
      this.state?.stale && banner(t('The text has changed: this picture shows it as it was.'), t('Update'), update),
      error !== undefined && banner(error, t('Try again'), update),
    );
    this.element.classList.toggle('stale', this.state?.stale === true);
  }

  /**
   * The cell of a row that a reader would want explained: its strongest beyond the first. Where no row is given, that of the
   * selection which looks at one token the most.
   */
  private worthSeeing(row: number | null): Cell | null {
    const { head, size, state } = this;
    if (!head || !state || size === 0) return null;
    const weights = sheet(head.data, size, state.view.headDim, 'softmax', size > 1 && row !== 0);
    const at = row ?? mostTelling(weights, state.view.firstSelected);
    return { row: at, col: strongest(weights, at) ?? 0 };
  }

  // ---- drawing

  private showAtlas(): void {
    const { state, palette, thumbnails } = this;
    if (!state) return;
    this.element.style.setProperty('--loupe-heads', String(state.view.nHeads));
    this.element.style.setProperty('--loupe-layers', String(state.view.nLayers));
    this.showHeads();
    this.atlas.show({ nLayers: state.view.nLayers, nHeads: state.view.nHeads, thumbnails, palette });
  }

  /** Open or not, as the reader chose, or as there is room. */
  private showHeads(): void {
    this.headsFrame.hidden = !this.headsOpen;
    this.dots.setAttribute('aria-pressed', String(this.look.headsAs === 'scatter'));
    this.atlas.element.hidden = this.look.headsAs !== 'atlas';
    this.scatter.element.hidden = this.look.headsAs !== 'scatter';
    this.showScatter();
    if (this.state) this.toolbar.show(this.toolbarContent(this.state));
  }

  private showScatter(): void {
    const { state, look, palette } = this;
    if (!state || look.headsAs !== 'scatter') return;
    const { metrics, nLayers } = state.view;
    this.scatter.show({ metrics, nLayers, x: look.scatterX, y: look.scatterY, palette });
  }

  private showMetrics({ layer, head }: { layer: number; head: number }): void {
    if (this.state) fill(this.metrics, headMetrics(this.state.view, layer, head));
  }

  private render(morph = false): void {
    const { state, head, look, palette, size, labels } = this;
    if (!state || !head) return;
    const { view } = state;
    this.toolbar.show(this.toolbarContent(state));
    this.title.textContent = headTitle(view, look.layer, look.head);
    this.shown = sheet(head.data, size, view.headDim, look.stage, look.hideFirst);
    const content = { sheet: this.shown, squareRoot: this.rooted, labels, firstSelected: view.firstSelected, palette };
    this.matrix.element.hidden = look.mode !== 'matrix';
    this.lines.element.hidden = look.mode !== 'lines';
    this.tableFrame.hidden = look.mode !== 'table';
    if (look.mode === 'matrix') this.matrix.show({ ...content, morph });
    if (look.mode === 'lines') {
      this.lines.show(content);
      if (look.cell) this.lines.reveal(look.cell.row);
    }
    if (look.mode === 'table') this.showTable();
    const { name, low, high, note } = this.legendWords();
    const scale = this.shown.kind === 'sequential' ? palette.sequential : palette.diverging;
    this.legend.element.hidden = look.mode === 'table';
    this.legend.show({ name, low, high, scale, ...(note ? { note } : {}) });
    this.matrix.canvas.setAttribute(
      'aria-label',
      t(
        '{0}. Matrix of {1} rows that look and {1} columns that are looked at. Arrow keys move the cell, T shows a table.',
        this.title.textContent,
        int(size),
      ),
    );
    this.lines.element.setAttribute(
      'aria-label',
      t('{0}. Lines from each token to those it looks at. T shows a table.', this.title.textContent),
    );
    this.mark();
  }

  private legendWords(): { name: string; low: string; high: string; note: string } {
    const { look, shown } = this;
    const limit = shown?.limit ?? 1;
    const weights = shown?.kind === 'sequential';
    const names = { scores: t('score q · k'), scaled: t('score ÷ √d'), masked: t('score ÷ √d'), softmax: t('weight') };
    const notes = [
      this.rooted ? t('square root scale') : '',
      look.hideFirst ? (weights ? t('first column hidden, the others raised to 100 %') : t('first column hidden')) : '',
    ];
    return {
      name: names[look.stage],
      low: weights ? percent(0) : num(-limit),
      high: weights ? percent(limit) : num(limit),
      note: notes.filter(Boolean).join(' · '),
    };
  }

  private mark(): void {
    const { look, hovered, selected } = this;
    this.matrix.mark({ hover: hovered, cell: look.cell, row: selected });
    this.lines.mark(hovered, look.cell?.row ?? selected);
    const cell = hovered ?? look.cell;
    this.readout.textContent = cell ? this.words(cell) : '';
  }

  /** A cell, a row or a column in words. */
  private words({ row, col }: Partial<Cell>): string {
    const { shown, labels, look } = this;
    if (!shown) return '';
    const name = (i: number) => t('“{0}” ({1})', isolate(labels[i]!.text), int(i));
    if (row === undefined) return col === undefined ? '' : t('{0}, looked at by the tokens of its column', name(col));
    if (col === undefined) return t('{0}, and where it looks', name(row));
    const value = shown.values[row * shown.size + col]!;
    if (Number.isNaN(value))
      return col > row ? t('{0} comes after {1}: masked', name(col), name(row)) : t('{0} → {1}: hidden', name(row), name(col));
    const said = shown.kind === 'sequential' ? percent(value, 3) : num(value);
    const stage = { scores: t('score'), scaled: t('scaled score'), masked: t('scaled score'), softmax: t('weight') }[look.stage];
    return t('{0} → {1}: {2} {3}', name(row), name(col), stage, said);
  }

  private showTable(): void {
    const { head, state, size, look } = this;
    if (!head || !state) return;
    const row = look.cell?.row ?? size - 1;
    const root = Math.sqrt(state.view.headDim);
    const weights = sheet(head.data, size, state.view.headDim, 'softmax', look.hideFirst).values;
    const entries = Array.from({ length: row + 1 }, (_, col) => {
      const score = head.data.scores[row * size + col]!;
      return { col, token: state.view.tokens[col]!, score, scaled: Math.fround(score / root), weight: weights[row * size + col]! };
    });
    type Entry = (typeof entries)[number];
    const table = dataTable<Entry>({
      caption: t('{0}: what token {1}, “{2}”, looks at', headName(look.layer, look.head), int(row), isolate(this.labels[row]!.text)),
      columns: [
        { title: t('Position'), number: true, cell: (e) => int(e.col) },
        { title: t('Token'), cell: (e) => tokenChip({ ...e.token, special: e.token.start < 0 }) },
        { title: t('Score'), number: true, cell: (e) => fixed(e.score, 3), hover: (e) => full(e.score) },
        { title: t('Scaled'), number: true, cell: (e) => fixed(e.scaled, 3), hover: (e) => full(e.scaled) },
        { title: t('Weight'), number: true, cell: (e) => (Number.isNaN(e.weight) ? '–' : percent(e.weight)), hover: (e) => full(e.weight) },
      ],
      rows: entries,
      chosen: (e) => e.col === look.cell?.col,
      onHover: (e) => this.tell(e?.col ?? null),
    });
    const step = (by: number) => this.lock(this.worthSeeing(Math.min(size - 1, Math.max(0, row + by))));
    const button = (label: string, by: number, off: boolean) =>
      h('button', { type: 'button', class: 'button secondary', disabled: off, onclick: () => step(by) }, label);
    fill(
      this.tableFrame,
      h('div', { class: 'row-steps' }, button(t('Previous row'), -1, row === 0), button(t('Next row'), 1, row === size - 1)),
      table,
    );
    revealChosen(table);
  }

  private calculate(): void {
    const { state, head, look } = this;
    if (!state || !head || !look.cell || head.key !== headName(look.layer, look.head)) return;
    const { view } = state.view;
    const { cell, layer, head: index } = look;
    const key = `${head.key}.${cell.row}`;
    const put = (data: RowData) => {
      const pattern = head.data.pattern.subarray(cell.row * this.size, (cell.row + 1) * this.size);
      this.calculation.show({ cell, tokens: state.view.tokens, data, pattern, hideFirst: look.hideFirst, palette: this.palette });
    };
    const known = this.rows.get(key);
    if (known) {
      put(known);
      return;
    }
    void this.attempt(this.host.row({ view, layer, head: index, row: cell.row }, { latest: 'row' })).then((data) => {
      if (!data || this.state?.view.view !== view) return;
      if (this.rows.size > 64) this.rows.clear();
      this.rows.set(key, data);
      if (this.look.cell === cell) put(data);
    });
  }

  // ---- pointer and keys

  private hover(at: Partial<Cell> | null): void {
    if (at?.row === this.hovered?.row && at?.col === this.hovered?.col) return;
    this.hovered = at;
    this.mark();
    this.tell(at ? (at.col ?? at.row ?? null) : null);
  }

  /** Keys or the editor chose something: it is what counts, not what lies under a pointer that rests. */
  private forgetPointer(): void {
    this.hovered = null;
    this.tell(null);
  }

  /** Lights a token in the editor. */
  private tell(token: number | null): void {
    if (token === this.hoveredToken) return;
    this.hoveredToken = token;
    void this.attempt(this.host.hover({ token }, { latest: 'hover' }));
  }

  private click({ row, col }: Partial<Cell>): void {
    if (row !== undefined && col !== undefined) this.lock({ row, col });
    else if (row !== undefined) this.lock(this.worthSeeing(row));
    else if (col !== undefined) this.lock({ row: Math.max(col, this.look.cell?.row ?? 0), col });
  }

  private lock(cell: Cell | null): void {
    if (!cell) return;
    this.change({ cell, locked: true });
    this.matrix.reveal(cell);
    this.lines.reveal(cell.row);
    this.live.textContent = this.words(cell);
  }

  private move(down: number, right: number): boolean {
    const { cell, stage } = this.look;
    const { activeElement } = document;
    const ours = activeElement === document.body || this.matrix.element.contains(activeElement) || this.lines.element === activeElement;
    if (!cell || !ours) return false;
    this.forgetPointer();
    const masked = stage === 'masked' || stage === 'softmax';
    const row = Math.min(this.size - 1, Math.max(0, cell.row + down));
    const col = Math.min(masked ? row : this.size - 1, Math.max(0, cell.col + right));
    this.lock({ row, col });
    return true;
  }

  private turn(by: number, which: 'layer' | 'head'): void {
    const view = this.state?.view;
    if (!view) return;
    const count = which === 'layer' ? view.nLayers : view.nHeads;
    this.change({ [which]: Math.min(count - 1, Math.max(0, this.look[which] + by)) });
    this.live.textContent = headTitle(view, this.look.layer, this.look.head);
  }

  private keys(): void {
    bindKeys(document, [
      { keys: ['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight'], words: t('move the cell'), run: (event) => this.arrow(event) },
      { keys: ['Home'], run: () => this.move(0, -this.size) },
      { keys: ['End'], run: () => this.move(0, this.size) },
      { keys: ['Escape'], words: t('unlock the cell'), run: done(() => this.unlock()) },
      { keys: ['Enter'], words: t('go to the calculation'), run: () => this.enter() },
      {
        keys: ['PageUp', 'PageDown'],
        words: t('previous or next layer'),
        run: done((e) => this.turn(e.key === 'PageUp' ? -1 : 1, 'layer')),
      },
      {
        keys: ['Shift+PageUp', 'Shift+PageDown'],
        words: t('previous or next head'),
        run: done((e) => this.turn(e.key === 'PageUp' ? -1 : 1, 'head')),
      },
      { keys: ['s'], words: t('next stage'), run: done(() => this.change({ stage: Toolbar.next(this.look.stage) })) },
      { keys: ['l'], words: t('lines or matrix'), run: done(() => this.change({ mode: this.look.mode === 'lines' ? 'matrix' : 'lines' })) },
      { keys: ['h'], words: t('show or hide all heads'), run: done(() => this.change({ heads: !this.headsOpen })) },
      { keys: ['t'], words: t('table or matrix'), run: done(() => this.change({ mode: this.look.mode === 'table' ? 'matrix' : 'table' })) },
    ]);
  }

  private arrow({ key }: KeyboardEvent): boolean {
    return this.move(Number(key === 'ArrowDown') - Number(key === 'ArrowUp'), Number(key === 'ArrowRight') - Number(key === 'ArrowLeft'));
  }

  private enter(): boolean {
    if (document.activeElement instanceof HTMLButtonElement) return false;
    this.calculation.element.focus();
    return true;
  }

  private unlock(): void {
    if (!this.look.locked) return;
    this.forgetPointer();
    this.change({ locked: false, cell: this.worthSeeing(this.selected) });
    this.live.textContent = t('Unlocked');
  }

  // ---- export

  private async python(): Promise<{ saved: boolean }> {
    const { state, look } = this;
    if (!state) return { saved: false };
    return this.host.python({ view: state.view.view, layer: look.layer, head: look.head, cell: look.cell });
  }

  private taken(): Shown | null {
    const { state, head, look, shown, labels } = this;
    if (!state || !head || !shown) return null;
    return {
      layer: look.layer,
      head: look.head,
      view: state.view,
      document: state.document,
      title: this.title.textContent ?? '',
      reading: this.reading.textContent ?? '',
      legend: this.legendWords(),
      sheet: shown,
      data: head.data,
      labels,
      squareRoot: this.rooted,
      mode: look.mode,
    };
  }
}

/** Beside a picture and a calculation worth looking at; otherwise the lists of layers and heads in the toolbar do. */
function hasRoom(width: number, height: number): boolean {
  return width >= 900 || (width >= 640 && height >= 620) || (width >= 480 && height >= width + 560);
}

/** Numbers of views start again with the engine's worker: the tokens must be the same too. */
function isSame(a: AttentionView, b: AttentionView): boolean {
  const sameTokens = a.tokens.length === b.tokens.length && a.tokens.every(({ id }, i) => id === b.tokens[i]!.id);
  return a.view === b.view && a.model === b.model && a.firstSelected === b.firstSelected && sameTokens;
}

/** A key that is always ours. */
function done(run: (event: KeyboardEvent) => void): (event: KeyboardEvent) => undefined {
  return (event) => {
    run(event);
    return undefined;
  };
}
