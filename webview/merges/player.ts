/** Where the film stands, and what moves it: buttons, a slider, keys, and time. */
import { h, iconButton } from '../lib/dom';
import { t } from '../lib/l10n';

/** So long each step is looked at while playing, in ms. */
const beat = 900;

export class Player {
  readonly element: HTMLElement;
  private readonly slider = h('input', { type: 'range', class: 'range', min: 0, max: 0, value: 0, 'aria-label': t('Merge step') });
  private readonly playButton = iconButton('play', t('Play'), () => this.toggle());
  private timer = 0;
  private at = 0;
  private last = 0;

  constructor(private readonly changed: (at: number) => void) {
    this.slider.addEventListener('input', () => this.go(Number(this.slider.value)));
    this.element = h(
      'div',
      { class: 'player', role: 'group', 'aria-label': t('Steps') },
      iconButton('debug-reverse-continue', t('To the bytes'), () => this.go(0)),
      iconButton('chevron-left', t('One step back'), () => this.go(this.at - 1)),
      this.playButton,
      iconButton('chevron-right', t('One step on'), () => this.go(this.at + 1)),
      iconButton('debug-continue', t('To the end'), () => this.go(this.last)),
      this.slider,
    );
  }

  get step(): number {
    return this.at;
  }

  get playing(): boolean {
    return this.timer !== 0;
  }

  /** Another film of so many steps; stands at `at`. */
  load(steps: number, at: number): void {
    this.pause();
    this.last = steps;
    this.slider.max = String(steps);
    this.slider.disabled = steps === 0;
    this.playButton.disabled = steps === 0;
    this.set(at);
  }

  /** By hand: what plays stops. */
  go(to: number): boolean {
    this.pause();
    this.set(to);
    return true;
  }

  end(): boolean {
    return this.go(this.last);
  }

  toggle(): boolean {
    if (this.playing) {
      this.pause();
      this.changed(this.at);
      return true;
    }
    if (this.last === 0) return false;
    if (this.at === this.last) this.set(0);
    this.timer = window.setInterval(() => {
      if (this.at + 1 >= this.last) this.pause();
      this.set(this.at + 1);
    }, beat);
    this.button();
    return true;
  }

  /** What a screen reader says of the slider. */
  describe(words: string): void {
    this.slider.setAttribute('aria-valuetext', words);
  }

  private pause(): void {
    clearInterval(this.timer);
    this.timer = 0;
    this.button();
  }

  private button(): void {
    const label = this.playing ? t('Pause') : t('Play');
    this.playButton.title = label;
    this.playButton.setAttribute('aria-label', label);
    this.playButton.firstElementChild!.className = `codicon codicon-${this.playing ? 'debug-pause' : 'play'}`;
  }

  private set(at: number): void {
    this.at = Math.min(this.last, Math.max(0, at));
    this.slider.value = String(this.at);
    this.changed(this.at);
  }
}
