/** `neighbours` and `analogy`: nearest rows of the embedding table. */
import { command } from '../command';
import { refuseTokenizer } from '../model';
import { integer } from '../options';
import { type Output, quote, table } from '../output';

const options = { count: integer('--count', { min: 1, max: 1_000_000, help: 'so many results (default: 10)' }) };

export const neighbours = command({
  name: 'neighbours',
  usage: 'TOKEN',
  summary: 'the tokens whose embeddings are nearest (cosine); TOKEN is one token as text, or #ID',
  example: "llm-loupe neighbours ' roi' --count 5",
  arguments: [1, 1],
  options,
  async run(context) {
    refuseTokenizer(context);
    const { options, positionals, out, engine, model } = context;
    const { count = 10 } = options;
    await show(await engine().inspect.neighbours({ model, token: positionals[0]!, count }), out);
  },
});

export const analogy = command({
  name: 'analogy',
  usage: 'A B C',
  summary: 'the tokens nearest to A - B + C',
  example: "llm-loupe analogy ' roi' ' homme' ' femme'",
  arguments: [3, 3],
  options,
  async run(context) {
    refuseTokenizer(context);
    const { options, positionals, out, engine, model } = context;
    const { count = 10 } = options;
    const [a, b, c] = positionals as [string, string, string];
    await show(await engine().inspect.analogy({ model, a, b, c, count }), out);
  },
});

async function show(found: readonly { id: number; text: string; similarity: number }[], out: Output): Promise<void> {
  const results = found.map(({ id, text, similarity }) => ({ id, text, similarity }));
  if (out.json) return out.document({ results });
  const rows = results.map(({ id, text, similarity }) => [String(id), similarity.toFixed(4), quote(text)]);
  await out.line(table(['id', 'cosine', 'text'], rows));
}
