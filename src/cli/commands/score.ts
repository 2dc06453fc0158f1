import { command } from '../command';
import { entriesOf } from '../entries';
import { readText } from '../input';
import { refuseTokenizer } from '../model';
import { quote, table } from '../output';

export const score = command({
  name: 'score',
  usage: '[FILE]',
  summary: 'how surprised the model is by each token of a text, then in all',
  example: "echo 'Le chat est sur la table.' | llm-loupe score",
  arguments: [0, 1],
  options: {},
  async run(context) {
    const { positionals, out, engine, model } = context;
    refuseTokenizer(context);
    const text = await readText(positionals[0]);
    const { tokens: encoded, scores, nll, perplexity, bitsPerByte } = await engine().inspect.score({ model, context: '', text });
    const entries = await entriesOf(engine().text, model, encoded.ids);
    const tokens = entries.map((entry, i) => ({
      id: encoded.ids[i]!,
      text: entry.text,
      ...(entry.text === null && { bytes: entry.bytes }),
      start: encoded.start[i]!,
      end: encoded.end[i]!,
      logprob: scores.logprob[i]!,
      rank: scores.rank[i]!,
      entropy: scores.entropy[i]!,
    }));
    if (out.json) return out.document({ tokens, nll, perplexity, bitsPerByte });
    const rows = tokens.map((token, i) => [
      String(token.id),
      token.logprob.toFixed(3),
      String(token.rank),
      token.entropy.toFixed(3),
      quote(token.text, entries[i]!.bytes),
    ]);
    await out.line(table(['id', 'logprob', 'rank', 'entropy', 'text'], rows));
    await out.line(
      `${tokens.length} tokens  nll ${nll.toFixed(3)}  perplexity ${perplexity.toFixed(2)}  ${bitsPerByte.toFixed(3)} bits per byte`,
    );
  },
});
