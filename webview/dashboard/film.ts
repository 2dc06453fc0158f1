/**
 * The film strip: what the model wrote at each sampled step, side by side, always from the same prompt and seed. Arrow keys
 * walk it; choosing a frame locks its step everywhere. Frames are only ever added, unless the past was rewritten.
 */
import type { Copied } from '../../src/protocol/engine';
import { copiedText } from '../lib/copied';
import { type Child, fill, h } from '../lib/dom';
import { int, percent } from '../lib/format';
import { t } from '../lib/l10n';
import type { SampleCopies } from './copies';
import type { History } from './history';

type Sample = History['samples'][number];

export class FilmStrip {
  readonly element: HTMLElement;
  private readonly list: HTMLElement;
  private readonly frames: HTMLElement[] = [];
  private rewinds = 0;
  /** Frames that show what was copied. */
  private compared = 0;
  private current = -1;

  constructor(private readonly choose: (step: number) => void) {
    this.list = h('div', {
      class: 'film',
      role: 'listbox',
      'aria-orientation': 'horizontal',
      'aria-label': t('What it writes, step by step'),
    });
    this.list.addEventListener('keydown', (event) => this.key(event));
    this.element = h('section', { class: 'film-section', hidden: true }, h('h2', {}, t('What it writes, step by step')), this.list);
  }

  /** `shown` is the index of the frame that stands out. What was copied comes later than the samples, and is underlined then. */
  show(history: History, shown: number, copies: Pick<SampleCopies, 'of'>): void {
    const { samples } = history;
    if (history.rewinds !== this.rewinds || samples.length < this.frames.length) {
      fill(this.list);
      this.frames.length = 0;
      this.compared = 0;
      this.current = -1;
      this.rewinds = history.rewinds;
    }
    this.element.hidden = samples.length === 0;
    const atEnd = this.list.scrollLeft + this.list.clientWidth >= this.list.scrollWidth - 8;
    const grew = this.frames.length > 0 && samples.length > this.frames.length;
    for (let i = this.frames.length; i < samples.length; i++) {
      const sample = samples[i]!;
      const frame = h('div', {
        class: 'frame',
        role: 'option',
        tabindex: -1,
        'aria-selected': false,
        onclick: () => this.choose(sample.step),
      });
      fill(frame, ...contents(sample, undefined));
      this.frames.push(frame);
      this.list.append(frame);
    }
    for (; this.compared < samples.length; this.compared++) {
      const sample = samples[this.compared]!;
      const copied = copies.of(sample.text);
      if (!copied) break;
      if (copied.runs.length > 0) fill(this.frames[this.compared]!, ...contents(sample, copied));
    }
    if (shown === this.current) return;
    const focused = this.list.contains(document.activeElement);
    const before = this.frames[this.current];
    before?.setAttribute('aria-selected', 'false');
    before?.setAttribute('tabindex', '-1');
    const frame = this.frames[shown];
    // A new frame does not pull away who reads an old one.
    const follow = !grew || atEnd;
    this.current = shown;
    if (!frame) return;
    frame.setAttribute('aria-selected', 'true');
    frame.setAttribute('tabindex', '0');
    if (focused) frame.focus({ preventScroll: true });
    // Not yet on the page when it is first drawn.
    if (follow) requestAnimationFrame(() => reveal(this.list, frame));
  }

  private key(event: KeyboardEvent): void {
    const rtl = getComputedStyle(this.list).direction === 'rtl' ? -1 : 1;
    const move = { ArrowRight: rtl, ArrowLeft: -rtl, PageDown: 5, PageUp: -5, Home: -1e9, End: 1e9 }[event.key];
    if (move === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    const at = Math.min(this.frames.length - 1, Math.max(0, this.current + move));
    this.frames[at]?.click();
  }
}

function contents({ step, prompt, text }: Sample, copied: Copied | undefined): Child[] {
  const name = step === 0 ? t('Before training') : t('Step {0}', int(step));
  const share = copied && copied.share > 0 ? t('{0} copied', percent(copied.share)) : null;
  return [
    h('div', { class: 'frame-step' }, name, share && h('span', { class: 'frame-copied' }, share)),
    h(
      'div',
      { class: 'frame-text', dir: 'auto' },
      h('span', { class: 'dim' }, shortPrompt(prompt)),
      ...copiedText(text, copied?.runs ?? []),
    ),
  ];
}

/** Scrolls the strip alone: `scrollIntoView` would move the page too. */
function reveal(list: HTMLElement, frame: HTMLElement): void {
  const [box, outer] = [frame.getBoundingClientRect(), list.getBoundingClientRect()];
  if (box.left < outer.left) list.scrollLeft += box.left - outer.left;
  else if (box.right > outer.right) list.scrollLeft += box.right - outer.right;
}

/** In a frame the prompt only says where the text begins: its last words. */
function shortPrompt(prompt: string): string {
  const words = prompt.split(' ');
  return words.length > 3 ? `… ${words.slice(-2).join(' ')}` : prompt;
}
