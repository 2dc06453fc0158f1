/** The rows of a bench as a table: measure, ours, the peer's, ratio, goal, whether it is reached. */

const head = ['measure', 'ours', 'peer', '', 'ratio', 'goal', ''];

/** @param {boolean} [markdown] as a table of Markdown, not for a terminal */
export function printTable(rows, markdown = false) {
  if (markdown) {
    for (const line of [head, head.map(() => '---'), ...rows.map(cells)]) console.log(`| ${line.join(' | ')} |`);
    return;
  }
  const lines = [head, ...rows.map(cells)];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  for (const line of lines) console.log(`  ${line.map((cell, column) => pad(cell, widths[column], column)).join('  ')}`.trimEnd());
}

function cells({ name, unit, loupe, peer, peerName, ratio, goal, reached }) {
  const verdict = reached === undefined ? '' : reached ? 'reached' : 'missed';
  const theirs = peerName === null ? '' : peer === null ? 'absent' : number(peer);
  return [name, `${number(loupe)} ${unit}`, theirs, peerName ?? '', ratio === null ? '' : number(ratio), goal ?? '', verdict];
}

/** Three significant digits, or all before the point. */
function number(value) {
  if (value === null || value === undefined) return '';
  return value >= 100 ? value.toFixed(0).replace(/\B(?=(\d{3})+$)/g, ',') : value.toPrecision(3);
}

/** Numbers to the right. */
function pad(text, width, column) {
  return column === 1 || column === 2 || column === 4 ? text.padStart(width) : text.padEnd(width);
}
