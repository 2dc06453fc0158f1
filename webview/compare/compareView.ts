/** The panel that compares tokenizers: text, rows over each other, figures of each, and what two languages cost. */
import type { ComparedRow, CompareHost, CompareState } from '../../src/protocol/panels';
import type { Client } from '../../src/protocol/rpc';
import { bytesName, hex } from '../lib/bytes';
import { css } from '../lib/colour';
import { fill, h, icon, iconButton } from '../lib/dom';
import { errorText } from '../lib/errorText';
import { int, num } from '../lib/format';
import { t, tn } from '../lib/l10n';
import { themePalette } from '../lib/palette';
import { exportButton } from '../lib/save';
import { type Column, dataTable } from '../lib/table';
import { onTheme } from '../lib/theme';
import { type Alignment, align } from './align';
import { Aligned, type Looked } from './aligned';
import { costSentence, figures, headline } from './figures';
import { picture, tokenRows } from './picture';

export interface Saved {
  readonly table: boolean;
}

/** Rest after a key before anything is computed, in ms. */
const rest = 250;

export class CompareView {
  readonly element: HTMLElement;
  private state: CompareState | null = null;
  private alignment: Alignment | null = null;
  private table = false;
  private asked = 0;
  private timer = 0;
  private readonly aligned = new Aligned((looked) => this.look(looked));
  private readonly text = h('textarea', { class: 'input field', id: 'text', rows: 3, dir: 'auto', spellcheck: 'false', maxlength: 2_000 });
  private readonly headline = h('h1', { class: 'headline' });
  private readonly note = h('p', { class: 'dim small', hidden: true });
  private readonly stage = h('div', { class: 'rows' });
  private readonly detail = h('p', { class: 'detail' });
  private readonly figures = h('div', { class: 'figures' });
  private readonly cost = h('section', { class: 'cost' });
  private readonly failure = h('div', { class: 'failure', role: 'alert', hidden: true });
  private readonly live = h('div', { class: 'visually-hidden', role: 'status', 'aria-live': 'polite' });
  private readonly tableButton = iconButton('table', t('Show the tokens as a table'), () => this.toggleTable(), { 'aria-pressed': false });

  constructor(
    private readonly host: Client<CompareHost>,
    private readonly save: (state: Saved) => void,
  ) {
    this.text.addEventListener('input', () => {
      clearTimeout(this.timer);
      this.timer = window.setTimeout(() => void this.ask(() => host.compare({ text: this.text.value })), rest);
    });
    this.colour();
    onTheme(() => this.colour());
    this.element = h(
      'div',
      { class: 'compare' },
      h(
        'div',
        { class: 'toolbar', role: 'toolbar', 'aria-label': t('Tokenizers') },
        h('button', { type: 'button', class: 'button compact', onclick: () => void host.choose({}) }, t('Choose tokenizers')),
        h('span', { class: 'spring' }),
        this.tableButton,
        exportButton(host, {
          name: () => 'tokenizers',
          picture: (palette) => picture(palette, this.state, this.alignment, this.headline.textContent),
          csv: () => tokenRows(this.state),
          json: () => this.state,
        }),
      ),
      this.failure,
      h(
        'main',
        { class: 'stage' },
        h('label', { for: 'text' }, t('Text')),
        this.text,
        this.note,
        this.headline,
        this.stage,
        this.detail,
        this.figures,
        this.cost,
      ),
      this.live,
    );
  }

  show(state: CompareState, saved?: Saved): void {
    this.asked++;
    if (saved) this.table = saved.table;
    this.text.value = state.text;
    this.take(state);
  }

  toggleTable(): boolean {
    this.table = !this.table;
    this.save({ table: this.table });
    this.draw();
    return true;
  }

  unlock = (): boolean => this.aligned.unlock();

  fail(message: string): void {
    this.failure.hidden = message === '';
    fill(this.failure, h('p', { class: 'failure-title' }, icon('error'), ' ', message));
  }

  /** The last question wins. */
  private async ask(question: () => Promise<CompareState>): Promise<void> {
    const asked = ++this.asked;
    try {
      const state = await question();
      if (asked === this.asked) this.take(state);
    } catch (error) {
      if (asked === this.asked) this.fail(errorText(error));
    }
  }

  private take(state: CompareState): void {
    this.state = state;
    const rows = state.rows.map(({ tokens }) => tokens);
    this.alignment = align(state.text.length, rows);
    this.fail('');
    this.draw();
    this.live.textContent = this.headline.textContent;
  }

  // ---- drawing

  private draw(): void {
    const { state, alignment } = this;
    if (!state || !alignment) return;
    this.headline.textContent = headline(state, alignment);
    this.note.hidden = state.left === 0;
    this.note.textContent = tn(
      state.left,
      'The beginning only: {0} character is left out.',
      'The beginning only: {0} characters are left out.',
      int(state.left),
    );
    this.tableButton.setAttribute('aria-pressed', String(this.table));
    if (state.rows.length === 0) fill(this.stage, h('p', { class: 'dim' }, t('No tokenizer is chosen.')));
    else if (this.table) fill(this.stage, this.tokenTable(state));
    else {
      fill(this.stage, this.aligned.element);
      this.aligned.show(state, alignment);
    }
    this.look(null);
    fill(this.figures, state.rows.length > 0 && this.figureTable(state));
    this.drawCost(state);
  }

  private look(looked: Looked | null): void {
    const row = looked === null ? undefined : this.state?.rows[looked.row];
    if (!this.state || !looked || !row?.tokens || this.table) {
      this.detail.hidden = this.table;
      fill(
        this.detail,
        h(
          'span',
          { class: 'dim' },
          t('A thick line marks where some cut and others do not. Point at a token, or move with the arrow keys.'),
        ),
      );
      return;
    }
    const { tokens } = row;
    const { token } = looked;
    const bytes = new TextEncoder().encode(this.state.text).subarray(tokens.byteStart[token], tokens.byteEnd[token]);
    const id = tokens.ids[token]!;
    const facts = [
      row.name,
      t('token {0} of {1}', int(token + 1), int(tokens.ids.length)),
      t('id {0}', int(id)),
      [...bytes].map(hex).join(' '),
    ];
    const text = this.state.text.slice(tokens.start[token], tokens.end[token]);
    const show = () => void this.host.merges({ ref: row.ref, text, token: id }).catch((error) => this.fail(errorText(error)));
    const name = t('“{0}”', bytesName(bytes));
    fill(
      this.detail,
      h('span', { class: 'mono' }, name),
      h('span', { class: 'dim' }, facts.join(' · ')),
      h('button', { type: 'button', class: 'link-button', onclick: show }, t('Show its merges')),
    );
    this.live.textContent = `${name}, ${facts.join(', ')}`;
  }

  private figureTable(state: CompareState): HTMLElement {
    const number = (
      cell: (row: ComparedRow) => number | null,
      write: (value: number) => string,
    ): Pick<Column<ComparedRow>, 'number' | 'cell'> => ({
      number: true,
      cell: (row) => {
        const value = cell(row);
        return value === null || !Number.isFinite(value) ? '' : write(value);
      },
    });
    const of = (row: ComparedRow) => figures(row, state.text);
    return dataTable<ComparedRow>({
      caption: t('What each makes of this text'),
      columns: [
        {
          title: t('Tokenizer'),
          cell: (row) =>
            h(
              'span',
              { class: 'named' },
              h('span', { class: `swatch row${state.rows.indexOf(row)}` }),
              row.name,
              row.error !== null && h('span', { class: 'problem' }, row.error),
            ),
        },
        { title: t('Tokens'), ...number((row) => of(row)?.tokens ?? null, int) },
        { title: t('Characters a token'), ...number((row) => of(row)?.charactersPerToken ?? null, num) },
        { title: t('Bytes a token'), ...number((row) => of(row)?.bytesPerToken ?? null, num) },
        { title: t('Vocabulary'), ...number((row) => row.vocabSize, int) },
        {
          title: t('Remove'),
          cell: (row) => iconButton('close', t('Remove {0}', row.name), () => void this.ask(() => this.host.remove({ ref: row.ref }))),
        },
      ],
      rows: state.rows,
    });
  }

  private drawCost(state: CompareState): void {
    const { parallel } = state;
    const rows = state.rows.filter(({ french, english }) => french !== null && english !== null);
    this.cost.hidden = rows.length === 0;
    if (rows.length === 0) return;
    fill(
      this.cost,
      h('h2', {}, costSentence(rows)),
      dataTable<ComparedRow>({
        caption: t('French against English: the same text in both'),
        columns: [
          { title: t('Tokenizer'), cell: (row) => row.name },
          { title: t('French'), number: true, cell: (row) => int(row.french!) },
          { title: t('English'), number: true, cell: (row) => int(row.english!) },
          {
            title: t('French for one English token'),
            number: true,
            cell: (row) => num(row.french! / row.english!),
            hover: (row) => `${int(row.french!)} / ${int(row.english!)}`,
          },
        ],
        rows,
      }),
      h(
        'details',
        {},
        h('summary', {}, t('The two texts')),
        h('p', { lang: 'fr' }, parallel.french),
        h('p', { lang: 'en' }, parallel.english),
        h('p', { class: 'dim small' }, parallel.source),
        h(
          'p',
          {},
          this.useButton(t('Compare the French one'), parallel.french),
          ' · ',
          this.useButton(t('Compare the English one'), parallel.english),
        ),
      ),
    );
  }

  private useButton(label: string, text: string): HTMLElement {
    const use = () => {
      this.text.value = text;
      void this.ask(() => this.host.compare({ text }));
    };
    return h('button', { type: 'button', class: 'link-button', onclick: use }, label);
  }

  /** The tokens of each row in words, for reading and for screen readers. */
  private tokenTable(state: CompareState): HTMLElement {
    const bytes = new TextEncoder().encode(state.text);
    return dataTable<ComparedRow>({
      caption: t('The tokens of each, one after another'),
      columns: [
        { title: t('Tokenizer'), cell: (row) => row.name },
        {
          title: t('Tokens'),
          cell: ({ tokens }) =>
            h(
              'span',
              { class: 'mono listed' },
              Array.from(tokens?.ids ?? [], (_, i) => bytesName(bytes.subarray(tokens!.byteStart[i], tokens!.byteEnd[i]))).join(' | '),
            ),
        },
      ],
      rows: state.rows,
    });
  }

  /** The rows' colours, for the style sheet. */
  private colour(): void {
    themePalette()
      .categories.slice(0, 4)
      .forEach((category, i) => {
        document.documentElement.style.setProperty(`--loupe-row${i}`, css(category));
      });
  }
}
