/** The merges panel: one film in two modes that never mix, its table, and the tree of the entry that was clicked. */
import { learningSteps } from '../../src/core/tokenizer/learning';
import type { MergesHost, MergesState } from '../../src/protocol/panels';
import type { Client } from '../../src/protocol/rpc';
import { boot } from '../lib/boot';
import { bytesChip, bytesName } from '../lib/bytes';
import { fill, h, icon, iconButton } from '../lib/dom';
import { errorText } from '../lib/errorText';
import { int } from '../lib/format';
import { t, tn } from '../lib/l10n';
import { exportButton } from '../lib/save';
import { dataTable } from '../lib/table';
import { encodingFilm, type Film, type Mode, type Row, trainingFilm } from './film';
import { picture, stepRows } from './picture';
import { Player } from './player';
import { Stage } from './stage';
import { learntTree, type TreeNode, TreeView, treeOf } from './tree';
import { isEmpty, madeSentence, modeSentence, nextSentence, vocabularySentence } from './words';

export interface Saved {
  readonly mode: Mode;
  readonly steps: Readonly<Record<Mode, number>>;
  readonly training: { readonly text: string; readonly words: boolean };
  readonly table: boolean;
}

/** Merges that the panel learns at most; each is one stop of the slider. */
const mostMerges = 100;
/** Characters of the text that is trained on: every step counts all of it anew. */
const longestTraining = 2_000;
/** Rows of the table of pairs. */
const mostRows = 12;
/** Rest after a key before anything is computed, in ms. */
const rest = 200;

export class MergesPanelView {
  readonly element: HTMLElement;
  private mode: Mode = 'encoding';
  private table = false;
  private steps: Record<Mode, number> = { encoding: 0, training: 0 };
  private readonly films: Record<Mode, Film | null> = { encoding: null, training: null };
  private state: MergesState | null = null;
  private chosen: TreeNode | null = null;
  private asked = 0;
  private timer = 0;
  private readonly player = new Player((at) => this.stepped(at));
  private readonly stage = new Stage((id) => void this.takeApart(id));
  private readonly tree = new TreeView();
  private readonly modes: Readonly<Record<Mode, HTMLButtonElement>>;
  private readonly text = h('textarea', { class: 'input field', id: 'text', rows: 1, dir: 'auto', spellcheck: 'false', maxlength: 200 });
  private readonly training = h('textarea', {
    class: 'input field',
    id: 'training',
    rows: 3,
    dir: 'auto',
    spellcheck: 'false',
    maxlength: longestTraining,
  });
  private readonly words = h('input', { type: 'checkbox', class: 'checkbox', id: 'words', checked: true });
  private readonly tokenizer = h('button', { type: 'button', class: 'link-button', onclick: () => void this.host.chooseTokenizer({}) });
  private readonly sentence = h('p', { class: 'dim mode-sentence' });
  private readonly made = h('h1', { class: 'headline' });
  private readonly next = h('p', { class: 'next' });
  private readonly note = h('p', { class: 'dim small', hidden: true });
  private readonly pairs = h('div', { class: 'pairs' });
  private readonly vocabulary = h('section', { class: 'vocabulary', 'aria-label': t('Vocabulary') });
  private readonly failure = h('div', { class: 'failure', role: 'alert', hidden: true });
  private readonly live = h('div', { class: 'visually-hidden', role: 'status', 'aria-live': 'polite' });
  private readonly ofEncoding: HTMLElement[];
  private readonly ofTraining: HTMLElement[];
  private readonly tableButton = iconButton('table', t('Show all steps as a table'), () => this.toggleTable(), { 'aria-pressed': false });

  constructor(
    private readonly host: Client<MergesHost>,
    private readonly save: (state: Saved) => void,
  ) {
    const segment = (mode: Mode, label: string) =>
      h('button', { type: 'button', role: 'radio', 'aria-checked': mode === this.mode, onclick: () => this.setMode(mode) }, label);
    this.modes = { encoding: segment('encoding', t('Encoding')), training: segment('training', t('Training')) };
    const segments = h(
      'div',
      { class: 'segments', role: 'radiogroup', 'aria-label': t('What chooses the pair') },
      this.modes.encoding,
      this.modes.training,
    );
    segments.addEventListener('keydown', (event) => {
      if (!['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown'].includes(event.key)) return;
      event.preventDefault();
      event.stopPropagation();
      this.setMode(this.mode === 'encoding' ? 'training' : 'encoding');
      this.modes[this.mode].focus();
    });
    this.text.addEventListener('input', () => this.later(() => void this.encode()));
    this.training.addEventListener('input', () => this.later(() => this.learn(0)));
    this.words.addEventListener('change', () => this.learn(0));
    this.ofEncoding = [
      h('div', { class: 'fields' }, h('label', { for: 'text' }, t('Text')), this.text),
      h('p', { class: 'by' }, h('span', { class: 'dim' }, t('Tokenizer')), ' ', this.tokenizer),
    ];
    this.ofTraining = [
      h('div', { class: 'fields' }, h('label', { for: 'training' }, t('Text to learn from')), this.training),
      h(
        'label',
        { class: 'option', for: 'words' },
        this.words,
        t('Cut into words first, as Llama 3 does: no merge crosses from one word into the next'),
      ),
    ];
    this.element = h(
      'div',
      { class: 'page merges' },
      h(
        'div',
        { class: 'toolbar', role: 'toolbar', 'aria-label': t('Merges') },
        segments,
        h('span', { class: 'spring' }),
        this.tableButton,
        exportButton(host, {
          name: () => `merges-${this.mode}`,
          picture: (palette) => picture(palette, this.film, this.title),
          csv: () => stepRows(this.film),
          json: () => this.data(),
        }),
      ),
      this.failure,
      h(
        'main',
        { class: 'columns' },
        h(
          'div',
          { class: 'stage' },
          this.sentence,
          ...this.ofEncoding,
          ...this.ofTraining,
          this.note,
          this.made,
          this.stage.element,
          this.player.element,
          this.next,
          this.pairs,
          this.vocabulary,
        ),
        h('aside', { class: 'side' }, this.tree.element),
      ),
      this.live,
    );
    this.training.value = trainingText();
  }

  /** What the host says, and where an earlier life of the panel stood. */
  show(state: MergesState, saved?: Saved): void {
    this.asked++;
    if (saved) {
      this.mode = saved.mode;
      this.table = saved.table;
      this.steps = { ...saved.steps };
      this.training.value = saved.training.text;
      this.words.checked = saved.training.words;
    } else {
      this.mode = 'encoding';
      this.steps.encoding = 0;
    }
    this.text.value = state.text;
    this.films.training ??= this.learnt();
    this.take(state);
  }

  go = (to: 'first' | 'last' | 1 | -1): boolean =>
    to === 'first' ? this.player.go(0) : to === 'last' ? this.player.end() : this.player.go(this.player.step + to);

  toggle = (): boolean => this.player.toggle();

  setMode(mode: Mode): void {
    if (mode === this.mode) return;
    this.mode = mode;
    this.chosen = null;
    this.draw();
    this.remember();
  }

  toggleTable(): boolean {
    this.table = !this.table;
    this.draw();
    this.remember();
    return true;
  }

  fail(title: string, detail = ''): void {
    this.failure.hidden = title === '';
    fill(this.failure, h('p', { class: 'failure-title' }, icon('error'), ' ', title), detail !== '' && h('p', {}, detail));
  }

  private get film(): Film | null {
    return this.films[this.mode];
  }

  private get title(): string {
    return this.mode === 'encoding'
      ? t('“{0}” encoded by {1}', this.state?.text ?? '', this.state?.tokenizer ?? '')
      : t('A vocabulary learnt from {0} characters', int(this.training.value.length));
  }

  // ---- what is looked at

  private take(state: MergesState): void {
    this.state = state;
    this.films.encoding = state.view && encodingFilm(state.view);
    this.chosen = state.entry && treeOf(state.entry);
    this.fail(state.error?.title ?? '', state.error?.detail);
    this.draw();
    this.remember();
  }

  private async encode(): Promise<void> {
    const asked = ++this.asked;
    try {
      const state = await this.host.encode({ text: this.text.value });
      if (asked !== this.asked) return;
      this.steps.encoding = 0;
      this.take(state);
    } catch (error) {
      if (asked === this.asked) this.fail(errorText(error));
    }
  }

  private learnt(): Film {
    return trainingFilm(learningSteps(this.training.value, this.words.checked ? 'llama3' : 'none', mostMerges));
  }

  private learn(at: number): void {
    this.films.training = this.learnt();
    this.steps.training = at;
    this.chosen = null;
    this.draw();
    this.remember();
  }

  private async takeApart(id: number): Promise<void> {
    const { film } = this;
    if (!film) return;
    try {
      const root = film.mode === 'training' ? learntTree(film, id) : treeOf(await this.host.entry({ id }));
      if (film !== this.film) return;
      this.chosen = root;
      this.showTree();
      this.remember();
    } catch (error) {
      this.fail(errorText(error));
    }
  }

  // ---- drawing

  private stepped(at: number): void {
    this.steps[this.mode] = at;
    this.drawStep();
    if (this.player.playing) return;
    this.live.textContent = `${this.made.textContent}. ${this.next.textContent}`;
    this.remember();
  }

  private draw(): void {
    const { mode, state } = this;
    for (const [name, button] of Object.entries(this.modes)) {
      button.setAttribute('aria-checked', String(name === mode));
      button.tabIndex = name === mode ? 0 : -1;
    }
    for (const element of this.ofEncoding) element.hidden = mode !== 'encoding';
    for (const element of this.ofTraining) element.hidden = mode !== 'training';
    this.failure.hidden = mode !== 'encoding' || !state?.error;
    this.sentence.textContent = modeSentence(mode);
    this.tokenizer.textContent = state?.tokenizer ?? '';
    this.tokenizer.title = t('Choose another tokenizer');
    const left = mode === 'encoding' ? (state?.left ?? 0) : 0;
    this.note.hidden = left === 0;
    this.note.textContent = tn(
      left,
      'The beginning only: {0} character is left out.',
      'The beginning only: {0} characters are left out.',
      int(left),
    );
    this.tableButton.setAttribute('aria-pressed', String(this.table));
    this.player.load(this.film?.steps.length ?? 0, this.steps[mode]);
    if (this.film) this.stage.load(this.film);
  }

  private drawStep(): void {
    const { film } = this;
    this.made.hidden = film === null;
    const empty = film === null || isEmpty(film);
    for (const element of [this.stage.element, this.player.element, this.next, this.pairs]) element.hidden = empty;
    this.vocabulary.hidden = empty || this.mode !== 'training';
    if (film) {
      const at = this.player.step;
      this.made.textContent = madeSentence(film, at);
      this.next.textContent = nextSentence(film, at, mostMerges);
      this.player.describe(this.made.textContent);
      this.stage.show(film, at, this.chosen?.id ?? null);
      fill(this.pairs, this.table ? this.stepTable(film) : this.pairTable(film, at));
      if (film.mode === 'training') this.drawVocabulary(film, at);
    }
    this.showTree();
  }

  private showTree(): void {
    this.tree.show(this.chosen, this.mode);
    if (this.film) this.stage.show(this.film, this.player.step, this.chosen?.id ?? null);
  }

  private chipOf(film: Film, id: number): HTMLElement {
    const chip = bytesChip(film.bytes(id), 'button');
    chip.title = t('“{0}”, entry {1}', bytesName(film.bytes(id)), int(id));
    chip.addEventListener('click', () => void this.takeApart(id));
    return chip;
  }

  private pairTable(film: Film, at: number): HTMLElement | null {
    const rows = film.rows(at);
    if (rows.length === 0) return null;
    const shown = rows.slice(0, mostRows);
    const training = film.mode === 'training';
    const table = dataTable<Row>({
      caption: training
        ? tn(rows.length, 'The pair of neighbours', 'The {0} pairs of neighbours, the most frequent first', int(rows.length))
        : tn(rows.length, 'The one pair that can be merged', 'The {0} pairs that can be merged, the lowest rank first', int(rows.length)),
      columns: [
        { title: training ? t('Count') : t('Rank'), number: true, cell: (row) => int(row.value) },
        { title: t('Pair'), cell: (row) => h('span', { class: 'pair' }, ...row.pair.map((id) => this.chipOf(film, id))) },
        { title: t('Makes'), cell: (row) => bytesChip(row.bytes) },
        training
          ? { title: t('Ids'), number: true, cell: (row) => row.pair.map((id) => int(id)).join(' + ') }
          : { title: t('Places'), number: true, cell: (row) => int(row.at.length) },
      ],
      rows: shown,
      chosen: (row) => row.chosen,
      onHover: (row) => this.stage.light(row ? row.at : (film.steps[at]?.at ?? [])),
    });
    const more = rows.length - shown.length;
    if (more > 0) table.append(h('p', { class: 'dim small' }, tn(more, 'and {0} more', 'and {0} more', int(more))));
    return table;
  }

  /** Every step in words, for reading and for screen readers. */
  private stepTable(film: Film): HTMLElement {
    return dataTable<number>({
      caption: this.title,
      columns: [
        { title: t('Merge step'), number: true, cell: (i) => int(i) },
        { title: film.mode === 'training' ? t('Count') : t('Rank'), number: true, cell: (i) => (i ? int(film.steps[i - 1]!.value) : '') },
        { title: t('Tokens after it'), number: true, cell: (i) => int(film.sequence(i).tokens.length) },
        {
          title: t('Sequence'),
          cell: (i) =>
            h(
              'span',
              { class: 'mono' },
              film
                .sequence(i)
                .tokens.map((id) => bytesName(film.bytes(id)))
                .join(' '),
            ),
        },
      ],
      rows: Array.from({ length: film.steps.length + 1 }, (_, i) => i),
      chosen: (i) => i === this.player.step,
    });
  }

  private drawVocabulary(film: Film, at: number): void {
    const learnt = film.steps.slice(0, at);
    fill(
      this.vocabulary,
      h('p', {}, vocabularySentence(at)),
      h(
        'p',
        { class: 'entries' },
        ...learnt.map(({ merged }, i) => {
          const chip = this.chipOf(film, merged);
          chip.classList.toggle('made', i === at - 1);
          return chip;
        }),
      ),
    );
  }

  // ---- keeping

  private data(): unknown {
    if (this.mode === 'encoding') return this.state?.view && { text: this.state.text, tokenizer: this.state.tokenizer, ...this.state.view };
    return { text: this.training.value, pattern: this.words.checked ? 'llama3' : 'none', merges: this.films.training?.steps };
  }

  private later(run: () => void): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(run, rest);
  }

  private remember(): void {
    if (!this.state) return;
    const training = { text: this.training.value, words: this.words.checked };
    this.save({ mode: this.mode, steps: { ...this.steps }, training, table: this.table });
  }
}

/** A few words with endings in common, so that what is learnt can be followed. */
function trainingText(): string {
  return boot.language.startsWith('fr')
    ? 'le chat chasse le rat, le chien chasse le chat, la chatte chasse la rate'
    : 'low low low low low lower lower newest newest newest newest newest newest widest widest widest';
}
