/** "Show as table": the data of a picture as rows that can be read, copied and heard. */
import { type Child, h } from './dom';

export interface Column<Row> {
  readonly title: string;
  readonly number?: boolean;
  /** The cell; `title` of a number is its full precision. */
  cell(row: Row): Child;
  hover?(row: Row): string;
}

export interface TableOptions<Row> {
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly chosen?: (row: Row) => boolean;
  readonly onHover?: (row: Row | null) => void;
}

export function dataTable<Row>({ caption, columns, rows, chosen, onHover }: TableOptions<Row>): HTMLElement {
  const head = h('tr', {}, ...columns.map(({ title, number }) => h('th', { scope: 'col', class: number ? 'number' : null }, title)));
  const body = rows.map((row) =>
    h(
      'tr',
      { class: chosen?.(row) ? 'chosen' : null, onmouseenter: onHover && (() => onHover(row)) },
      ...columns.map((column, i) => {
        const attributes = { class: column.number ? 'number' : null, title: column.hover?.(row) };
        return i === 0 ? h('th', { scope: 'row', ...attributes }, column.cell(row)) : h('td', attributes, column.cell(row));
      }),
    ),
  );
  return h(
    'div',
    { class: 'table-frame', tabindex: 0, role: 'region', 'aria-label': caption, onmouseleave: onHover && (() => onHover(null)) },
    h('table', { class: 'data-table' }, h('caption', {}, caption), h('thead', {}, head), h('tbody', {}, ...body)),
  );
}

/** Brings the chosen row of a table into the middle of its frame; the page around it stays where it is. */
export function revealChosen(frame: HTMLElement): void {
  const row = frame.querySelector('tr.chosen');
  if (!row) return;
  const [around, own] = [frame.getBoundingClientRect(), row.getBoundingClientRect()];
  frame.scrollTop += own.top - around.top - (frame.clientHeight - own.height) / 2;
}
