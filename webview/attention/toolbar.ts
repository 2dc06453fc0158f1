/** The inspector's toolbar: which head, which stage, which picture, and how. Says what was chosen, draws nothing itself. */
import { fill, h, icon, iconButton } from '../lib/dom';
import { t } from '../lib/l10n';
import type { Look, Mode } from './look';
import { STAGES, type Stage } from './numbers';

export interface ToolbarEvents {
  look(change: Partial<Look>): void;
  pin(pinned: boolean): void;
  selectionOnly(on: boolean): void;
  heads(): void;
  keys(): void;
}

export interface ToolbarContent {
  readonly look: Look;
  readonly headsOpen: boolean;
  readonly nLayers: number;
  readonly nHeads: number;
  readonly pinned: boolean;
  readonly selectionOnly: boolean;
}

export class Toolbar {
  readonly element: HTMLElement;
  private readonly layer = h('select', { class: 'select', 'aria-label': t('Layer') });
  private readonly head = h('select', { class: 'select', 'aria-label': t('Head') });
  private readonly heads: HTMLButtonElement;
  private readonly stages: Segments<Stage>;
  private readonly modes: Segments<Mode>;
  private readonly squareRoot: HTMLButtonElement;
  private readonly first: HTMLButtonElement;
  private readonly only: HTMLButtonElement;
  private readonly pin: HTMLButtonElement;
  private content: ToolbarContent | null = null;

  constructor(events: ToolbarEvents, exporter: HTMLElement) {
    this.layer.addEventListener('change', () => events.look({ layer: Number(this.layer.value) }));
    this.head.addEventListener('change', () => events.look({ head: Number(this.head.value) }));
    this.stages = new Segments<Stage>(
      t('Stage of the calculation'),
      [
        { value: 'scores', label: t('Scores'), hover: t('q · k: how well each query matches each key') },
        { value: 'scaled', label: t('Scaled'), hover: t('Scores divided by the square root of the head’s dimension') },
        { value: 'masked', label: t('Masked'), hover: t('What comes later in the text is taken away') },
        { value: 'softmax', label: t('Softmax'), hover: t('Each row becomes weights that add up to 100 %') },
      ],
      (stage) => events.look({ stage }),
      'chevron-right',
    );
    this.modes = new Segments<Mode>(
      t('Picture'),
      [
        { value: 'matrix', label: t('Matrix'), hover: t('Rows look, columns are looked at') },
        { value: 'lines', label: t('Lines'), hover: t('From each token to those it looks at') },
        { value: 'table', label: t('Table'), hover: t('One row of the matrix in numbers') },
      ],
      (mode) => events.look({ mode }),
    );
    const toggle = (glyph: string, label: string, run: () => void) => iconButton(glyph, label, run, { 'aria-pressed': false });
    const root = t('Square root scale: makes small weights visible');
    this.squareRoot = h(
      'button',
      {
        type: 'button',
        class: 'icon-button root',
        title: root,
        'aria-label': root,
        'aria-pressed': false,
        onclick: () => events.look({ squareRoot: !this.content?.look.squareRoot }),
      },
      '√',
    );
    this.first = toggle('layout-sidebar-left-off', t('Hide the first column: the other weights are raised to 100 %'), () =>
      events.look({ hideFirst: !this.content?.look.hideFirst }),
    );
    this.only = toggle('list-selection', t('Selection only: leave out the text before it'), () =>
      events.selectionOnly(!this.content?.selectionOnly),
    );
    this.pin = toggle('pin', t('Pin: stay with this text when the selection changes'), () => events.pin(!this.content?.pinned));
    this.heads = toggle('layers', t('Show all heads'), () => events.heads());
    this.element = h(
      'div',
      { class: 'toolbar', role: 'toolbar', 'aria-label': t('Attention') },
      h('label', {}, h('span', {}, t('Layer')), this.layer),
      h('label', {}, h('span', {}, t('Head')), this.head),
      this.heads,
      separator(),
      this.stages.element,
      separator(),
      this.modes.element,
      separator(),
      this.squareRoot,
      this.first,
      h(
        'span',
        { class: 'group end' },
        this.only,
        this.pin,
        exporter,
        iconButton('question', t('Show the keys'), () => events.keys()),
      ),
    );
  }

  show(content: ToolbarContent): void {
    const { look, headsOpen, nLayers, nHeads, pinned, selectionOnly } = content;
    this.content = content;
    options(this.layer, nLayers, look.layer, 'L');
    options(this.head, nHeads, look.head, 'H');
    press(this.heads, headsOpen);
    this.stages.choose(look.stage);
    this.modes.choose(look.mode);
    press(this.squareRoot, look.squareRoot && look.stage === 'softmax');
    this.squareRoot.disabled = look.stage !== 'softmax';
    press(this.first, look.hideFirst);
    press(this.only, selectionOnly);
    press(this.pin, pinned);
    fill(this.pin, icon(pinned ? 'pinned' : 'pin'));
  }

  /** The stage after this one, for the key. */
  static next(stage: Stage): Stage {
    return STAGES[(STAGES.indexOf(stage) + 1) % STAGES.length]!;
  }
}

function separator(): HTMLElement {
  return h('span', { class: 'separator', 'aria-hidden': true });
}

function press(button: HTMLElement, on: boolean): void {
  button.setAttribute('aria-pressed', String(on));
}

function options(select: HTMLSelectElement, count: number, chosen: number, letter: 'L' | 'H'): void {
  if (select.options.length !== count) fill(select, ...Array.from({ length: count }, (_, i) => h('option', { value: i }, `${letter}${i}`)));
  select.value = String(chosen);
}

/** One of a few, all in sight: a radio group that arrow keys walk through. */
class Segments<Value extends string> {
  readonly element: HTMLElement;
  private readonly buttons = new Map<Value, HTMLButtonElement>();

  constructor(label: string, items: { value: Value; label: string; hover: string }[], choose: (value: Value) => void, between?: string) {
    this.element = h('div', { class: 'segments', role: 'radiogroup', 'aria-label': label });
    for (const { value, label: text, hover } of items) {
      const button = h(
        'button',
        { type: 'button', role: 'radio', title: hover, 'aria-checked': false, onclick: () => choose(value) },
        text,
      );
      if (between && this.buttons.size) this.element.append(icon(between));
      this.element.append(button);
      this.buttons.set(value, button);
    }
    this.element.addEventListener('keydown', (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      event.stopPropagation();
      const at = items.findIndex(({ value }) => this.buttons.get(value) === document.activeElement);
      const next = items[(at + step + items.length) % items.length]!.value;
      this.buttons.get(next)?.focus();
      choose(next);
    });
  }

  choose(value: Value): void {
    for (const [each, button] of this.buttons) {
      button.setAttribute('aria-checked', String(each === value));
      button.tabIndex = each === value ? 0 : -1;
    }
  }
}
