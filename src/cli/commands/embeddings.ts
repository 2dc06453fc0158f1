/** `neighbours` and `analogy`: nearest rows of the embedding table. */
import { type Context, command } from '../command';
import { namesOf } from '../entries';
import { refuseTokenizer } from '../model';
import { integer, type OptionTable } from '../options';
import { quote, table } from '../output';

const options = { count: integer('--count', { min: 1, max: 1_000_000, help: 'so many results (default: 10)' }) };

export const neighbours = command({
  name: 'neighbours',
  usage: 'TOKEN',
  summary: 'the tokens whose embeddings are nearest (cosine)',
  example: "llm-loupe neighbours ' roi' --count 5",
  arguments: [1, 1],
  options,
  async run(context) {
    refuseTokenizer(context);
    const { options, positionals, engine, model } = context;
    const { count = 10 } = options;
    await show(context, await engine().inspect.neighbours({ model, token: positionals[0]!, count }));
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
    const { options, positionals, engine, model } = context;
    const { count = 10 } = options;
    const [a, b, c] = positionals as [string, string, string];
    await show(context, await engine().inspect.analogy({ model, a, b, c, count }));
  },
});

async function show(
  { out, engine, model }: Pick<Context<OptionTable>, 'out' | 'engine' | 'model'>,
  found: readonly { id: number; similarity: number }[],
): Promise<void> {
  const name = await namesOf(
    engine().text,
    model,
    found.map(({ id }) => id),
  );
  const results = found.map(({ id, similarity }) => ({ id, ...name(id), similarity }));
  if (out.json) return out.document({ results });
  const rows = results.map((each) => [String(each.id), each.similarity.toFixed(4), quote(each.text, 'bytes' in each ? each.bytes : [])]);
  await out.line(table(['id', 'cosine', 'text'], rows));
}
