/** The words of the hovers of some figures, for those without a mouse: a list that unfolds. */
import { fill, h } from '../lib/dom';
import { t } from '../lib/l10n';
import type { Worked } from './explain';

export class WorkedList {
  private readonly list = h('dl', { class: 'worked-list' });
  readonly element = h('details', { class: 'worked', hidden: true }, h('summary', {}, t('How these figures come about')), this.list);
  private shown = '';
  private figures: readonly Worked[] = [];

  constructor() {
    this.element.addEventListener('toggle', () => this.draw());
  }

  show(figures: readonly Worked[]): void {
    this.figures = figures;
    this.element.hidden = figures.length === 0;
    this.draw();
  }

  /** Closed it costs nothing, as often as its figures change. */
  private draw(): void {
    if (!this.element.open) return;
    const key = JSON.stringify(this.figures);
    if (key === this.shown) return;
    this.shown = key;
    fill(this.list, ...this.figures.flatMap(({ name, words }) => [h('dt', {}, name), h('dd', {}, words)]));
  }
}
