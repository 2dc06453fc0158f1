/** The legend of a scale: its name, its real ends, its units. Part of every picture. */
import { surface } from './canvas';
import { css, type Scale } from './colour';
import { fill, h } from './dom';

export interface LegendOptions {
  /** What is shown, with its unit: "attention weight", "score, nats". */
  readonly name: string;
  readonly low: string;
  readonly high: string;
  /** In the middle of a diverging scale. */
  readonly middle?: string;
  readonly scale: Scale;
  /** Said after the ends: "square root scale". */
  readonly note?: string;
  /** What an empty cell means. */
  readonly empty?: string;
}

export function legend(): { element: HTMLElement; show(options: LegendOptions): void } {
  const element = h('div', { class: 'legend' });
  const canvas = h('canvas', { 'aria-hidden': true });
  return {
    element,
    show({ name, low, high, middle, scale, note, empty }) {
      fill(
        element,
        h('span', {}, name),
        h('span', { class: 'mono' }, low),
        canvas,
        middle !== undefined && h('span', { class: 'visually-hidden' }, middle),
        h('span', { class: 'mono' }, high),
        note && h('span', {}, note),
        empty && h('span', {}, empty),
      );
      const { context } = surface(canvas, 120, 8);
      for (let x = 0; x < 120; x++) {
        context.fillStyle = css(scale.at(x / 119));
        context.fillRect(x, 0, 1, 8);
      }
    },
  };
}
