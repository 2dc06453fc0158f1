/** How one entry of the vocabulary was built: a binary tree of merges, drawn, and the same as a nested list. */
import type { TokenInfo } from '../../src/protocol/engine';
import { bytesName } from '../lib/bytes';
import { fill, h } from '../lib/dom';
import { int } from '../lib/format';
import { t, tn } from '../lib/l10n';
import type { Film } from './film';

export interface TreeNode {
  readonly id: number;
  readonly bytes: Uint8Array;
  /** Null for a byte, and where it is not known. */
  readonly rank: number | null;
  readonly parts: readonly [TreeNode, TreeNode] | null;
}

/** From what the engine knows of an entry. */
export function treeOf(info: TokenInfo): TreeNode {
  const merges = new Map(info.path.map((merge) => [merge.merged, merge]));
  const build = (id: number, bytes: Uint8Array): TreeNode => {
    const merge = merges.get(id);
    if (!merge) return { id, bytes, rank: null, parts: null };
    return { id, bytes, rank: merge.rank, parts: [build(merge.left, merge.leftBytes), build(merge.right, merge.rightBytes)] };
  };
  return build(info.id, info.bytes);
}

/** Of an entry that was learnt in the panel. */
export function learntTree(film: Film, id: number): TreeNode {
  const rank = film.steps.findIndex(({ merged }) => merged === id);
  const step = film.steps[rank];
  const parts = step ? ([learntTree(film, step.pair[0]), learntTree(film, step.pair[1])] as const) : null;
  return { id, bytes: film.bytes(id), rank: step ? rank : null, parts };
}

export function mergesIn(node: TreeNode): number {
  return node.parts ? 1 + mergesIn(node.parts[0]) + mergesIn(node.parts[1]) : 0;
}

const LEVEL = 44;
const GAP = 8;
const CHARACTER = 7.3;
const SVG = 'http://www.w3.org/2000/svg';

interface Placed {
  readonly node: TreeNode;
  readonly x: number;
  readonly level: number;
  readonly parts: readonly Placed[];
}

export class TreeView {
  readonly element = h('section', { class: 'tree', 'aria-label': t('How an entry was built') });

  show(root: TreeNode | null, mode: Film['mode']): void {
    if (root === null) {
      fill(
        this.element,
        h('p', { class: 'dim' }, t('Click a token, here or in the table, to see how its entry of the vocabulary was built.')),
      );
      return;
    }
    const name = bytesName(root.bytes);
    const merges = mergesIn(root);
    const title =
      merges === 0
        ? t('“{0}” is one byte: nothing was merged', name)
        : tn(merges, '“{0}” was built by {1} merge', '“{0}” was built by {1} merges', name, int(merges));
    const facts = [t('entry {0}', int(root.id)), tn(root.bytes.length, '{0} byte', '{0} bytes', int(root.bytes.length))];
    fill(
      this.element,
      h('h2', {}, title),
      h('p', { class: 'dim' }, facts.join(' · ')),
      merges > 0 && h('div', { class: 'tree-frame', tabindex: 0, role: 'group', 'aria-label': title }, draw(root, title)),
      merges > 0 &&
        h(
          'p',
          { class: 'small dim' },
          mode === 'training' ? t('The number is the order in which it was learnt.') : t('The number is the rank: the lower, the earlier.'),
        ),
      merges > 0 && h('details', {}, h('summary', {}, t('As a list')), h('ul', { class: 'tree-list' }, listOf(root))),
    );
  }
}

function label(node: TreeNode): string {
  const name = bytesName(node.bytes);
  return node.rank === null ? name : `${name}, ${t('rank {0}', int(node.rank))}`;
}

function listOf(node: TreeNode): HTMLElement {
  return h('li', {}, h('span', { class: 'mono' }, label(node)), node.parts && h('ul', {}, ...node.parts.map(listOf)));
}

function svg(tag: string, attributes: Record<string, string | number>, text?: string): SVGElement {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  if (text !== undefined) element.textContent = text;
  return element;
}

/** Leaves side by side at the bottom of what they became, each merge above the middle of its two parts. */
function draw(root: TreeNode, title: string): SVGElement {
  let width = GAP;
  const widthOf = (node: TreeNode) =>
    Math.max([...bytesName(node.bytes)].length, node.rank === null ? 1 : String(node.rank).length) * CHARACTER + 12;
  const place = (node: TreeNode): Placed => {
    if (!node.parts) {
      const own = widthOf(node);
      width += own + GAP;
      return { node, x: width - GAP - own / 2, level: 0, parts: [] };
    }
    const before = width;
    const parts = node.parts.map(place);
    // A name that is wider than all it was made of takes room of its own.
    width = Math.max(width, before + widthOf(node) + GAP);
    return { node, x: (parts[0]!.x + parts[1]!.x) / 2, level: 1 + Math.max(...parts.map(({ level }) => level)), parts };
  };
  const top = place(root);
  const left = Math.min(0, ...all(top).map(({ node, x }) => x - widthOf(node) / 2 - GAP));
  const right = Math.max(width, ...all(top).map(({ node, x }) => x + widthOf(node) / 2 + GAP));
  const height = (top.level + 1) * LEVEL;
  const y = (level: number) => (top.level - level) * LEVEL + 14;
  const picture = svg('svg', {
    width: right - left,
    height,
    viewBox: `${left} 0 ${right - left} ${height}`,
    role: 'img',
    'aria-label': title,
  });
  for (const { x, level, parts } of all(top)) {
    for (const part of parts)
      picture.append(svg('path', { class: 'branch', d: `M ${x} ${y(level) + 20} L ${part.x} ${y(part.level) - 11}` }));
  }
  for (const { node, x, level } of all(top)) {
    const own = widthOf(node);
    picture.append(
      svg('rect', { class: node.parts ? 'node' : 'leaf', x: x - own / 2 + 2, y: y(level) - 10, width: own - 4, height: 18, rx: 2 }),
      svg('text', { class: 'name', x, y: y(level) + 3, direction: 'ltr' }, bytesName(node.bytes)),
    );
    if (node.rank !== null) picture.append(svg('text', { class: 'rank', x, y: y(level) + 18 }, int(node.rank)));
  }
  return picture;
}

function all(node: Placed): Placed[] {
  return [node, ...node.parts.flatMap(all)];
}
