/** The name and the note that people give a run, changed in place and kept in its folder. */
import { longestRunName, longestRunNote } from '../../src/protocol/limits';
import { h, iconButton } from '../lib/dom';
import { t } from '../lib/l10n';

/** A pause in writing that is long enough to keep what was written, in ms; and how long a word of confirmation stays. */
const KEEP_AFTER = 400;
const SAID = 2500;

interface Described {
  readonly name: string;
  readonly note: string;
}

export class About {
  private readonly name = h('span', { class: 'about-name' });
  private readonly edit = iconButton('edit', t('Rename this run'), () => this.rename());
  private readonly field = h('input', {
    class: 'input',
    type: 'text',
    maxlength: longestRunName,
    hidden: true,
    'aria-label': t('Name of this run'),
    onkeydown: (event: KeyboardEvent) => this.keyInName(event),
    onblur: () => this.renamed(true),
  });
  private readonly note = h('textarea', {
    class: 'input about-note',
    rows: 2,
    maxlength: longestRunNote,
    dir: 'auto',
    'aria-label': t('Note on this run'),
    placeholder: t('A note on this run, kept in its folder'),
    oninput: () => this.written(),
    onblur: () => this.keep(),
    onkeydown: (event: KeyboardEvent) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) this.keep();
    },
  });
  private readonly word = h('span', { class: 'dim small', role: 'status' });
  readonly element = h(
    'div',
    { class: 'about' },
    h('div', { class: 'about-head' }, this.name, this.field, this.edit, this.word),
    this.note,
  );
  private known: Described = { name: '', note: '' };
  private writing = 0;
  private saying = 0;

  /** `describe` keeps what is given; what it rejects with is said elsewhere. */
  constructor(private readonly describe: (change: Partial<Described>) => Promise<boolean>) {}

  /** What is being written is left alone. */
  show({ name, note }: Described): void {
    this.known = { name, note };
    if (this.name.textContent !== name) this.name.textContent = name;
    if (this.writing === 0 && document.activeElement !== this.note && this.note.value !== note) this.note.value = note;
  }

  /** The view goes: what was written so far is kept. */
  leave(): void {
    this.keep();
  }

  private rename(): void {
    this.naming(true);
    this.field.value = this.known.name;
    this.field.focus();
    this.field.select();
  }

  private keyInName(event: KeyboardEvent): void {
    if (event.isComposing || (event.key !== 'Enter' && event.key !== 'Escape')) return;
    event.preventDefault();
    this.renamed(event.key === 'Enter');
    this.edit.focus();
  }

  /** Also when the field is hidden, which takes its focus away: then there is nothing more to do. */
  private renamed(keep: boolean): void {
    if (this.field.hidden) return;
    this.naming(false);
    const name = this.field.value.trim();
    if (keep && name !== this.known.name) void this.send({ name });
  }

  private naming(on: boolean): void {
    this.field.hidden = !on;
    this.name.hidden = on;
    this.edit.hidden = on;
  }

  private written(): void {
    clearTimeout(this.writing);
    // What was saved before says nothing of what is being written.
    this.word.textContent = '';
    this.writing = window.setTimeout(() => this.keep(), KEEP_AFTER);
  }

  private keep(): void {
    clearTimeout(this.writing);
    this.writing = 0;
    const note = this.note.value;
    if (note !== this.known.note) void this.send({ note });
  }

  private async send(change: Partial<Described>): Promise<void> {
    const before = this.known;
    this.known = { ...before, ...change };
    if (await this.describe(change)) this.say(t('Saved.'));
    else this.known = before;
  }

  private say(words: string): void {
    clearTimeout(this.saying);
    this.word.textContent = words;
    this.saying = window.setTimeout(() => {
      this.word.textContent = '';
    }, SAID);
  }
}
