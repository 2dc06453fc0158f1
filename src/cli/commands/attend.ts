import { LoupeError } from '../../core/errors';
import type { AttentionView, InspectApi } from '../../protocol/engine';
import { escaped, madeWith, ownText } from '../../protocol/exported';
import type { Client } from '../../protocol/rpc';
import { command, offsetNote, pieceNote } from '../command';
import { UsageError } from '../errors';
import { readText } from '../input';
import { refuseTokenizer } from '../model';
import { integer } from '../options';
import { type Output, quote, table } from '../output';

export const attend = command({
  name: 'attend',
  usage: '[FILE]',
  summary: 'attention: one head as a table, or without --layer and --head the metrics of all heads',
  notes: [`${offsetNote}\n${pieceNote}`],
  example: "echo 'the cat sat on the mat, the cat' | llm-loupe attend --layer 1 --head 0",
  arguments: [0, 1],
  options: {
    layer: integer('--layer', { max: 10_000, value: 'L', help: 'from 0' }),
    head: integer('--head', { max: 10_000, value: 'H', help: 'from 0' }),
  },
  async run(context) {
    const { options, positionals, out, engine, model } = context;
    refuseTokenizer(context);
    const { layer, head } = options;
    if ((layer === undefined) !== (head === undefined)) throw new UsageError('--layer and --head go together');
    const text = await readText(positionals[0]);
    const { inspect } = engine();
    const view = await inspect.attend({ model, context: '', text });
    if (layer === undefined || head === undefined) return metrics(view, out);
    const { nLayers, nHeads } = view;
    if (layer >= nLayers || head >= nHeads)
      throw new LoupeError('model.noHead', { layer, head, lastLayer: nLayers - 1, lastHead: nHeads - 1 });
    await oneHead(inspect, view, layer, head, out);
  },
});

async function metrics(view: AttentionView, out: Output): Promise<void> {
  const heads = view.metrics.map(({ layer, head, previousToken, firstToken, self, induction, entropy }) => ({
    layer,
    head,
    previousToken,
    firstToken,
    self,
    induction,
    entropy,
  }));
  if (out.json) return out.document({ ...provenance(view), heads });
  const number = (value: number) => (Number.isFinite(value) ? value.toFixed(3) : '');
  const rows = heads.map((each) => [
    `L${each.layer}H${each.head}`,
    ...[each.previousToken, each.firstToken, each.self, each.induction, each.entropy].map(number),
  ]);
  await out.line(table(['head', 'previous', 'first', 'self', 'induction', 'entropy'], rows));
}

/** What the numbers are of, under the names of the panel's export. */
function provenance(view: AttentionView) {
  const special = view.tokens.filter(({ start }) => start < 0).map(({ text }) => text);
  return { ...madeWith(view), positions: view.tokens.length, context: { special, tokens: 0, dropped: 0 } };
}

async function oneHead(inspect: Client<InspectApi>, view: AttentionView, layer: number, head: number, out: Output): Promise<void> {
  const { headDim } = view;
  const count = view.tokens.length;
  const { scores, pattern } = await inspect.head({ view: view.view, layer, head });
  if (!out.json) {
    const names = view.tokens.map(ownText).map((own, i) => `${i} ${own.text === null ? escaped(own) : quote(own.text)}`);
    const rows = names.map((name, row) => [
      name,
      ...names.map((_, column) => (column > row ? '' : pattern[row * count + column]!.toFixed(3))),
    ]);
    return out.line(table([`L${layer}H${head}`, ...names.map((_, i) => String(i))], rows));
  }
  const rows: InspectApi['row']['result'][] = [];
  for (let row = 0; row < count; row++) rows.push(await inspect.row({ view: view.view, layer, head, row }));
  const root = Math.sqrt(headDim);
  const lower = (values: Float32Array, value: (x: number) => number) =>
    rows.map((_, row) => Array.from({ length: count }, (_, column) => (column > row ? null : value(values[row * count + column]!))));
  await out.document({
    ...provenance(view),
    tokens: view.tokens.map((token) => ({ id: token.id, ...ownText(token), start: token.start, end: token.end })),
    layer,
    head,
    scores: lower(scores, (x) => x),
    scaled: lower(scores, (x) => Math.fround(x / root)),
    pattern: matrix(pattern, count),
    q: rows.map(({ q }) => q),
    k: matrix(rows[0]!.k, headDim),
    v: matrix(rows[0]!.v, headDim),
    output: rows.map(({ output }) => output),
  });
}

function matrix(values: Float32Array, columns: number): Float32Array[] {
  return Array.from({ length: values.length / columns }, (_, row) => values.subarray(row * columns, (row + 1) * columns));
}
