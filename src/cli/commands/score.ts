import { madeWith } from '../../protocol/exported';
import { command, offsetNote, pieceNote } from '../command';
import { namesOf } from '../entries';
import { readText } from '../input';
import { refuseTokenizer } from '../model';
import { quote, table } from '../output';

export const score = command({
  name: 'score',
  usage: '[FILE]',
  summary: 'how surprised the model is by each token of a text, then in all',
  notes: [
    'logprob and entropy are in nats; rank counts from 1, which is what the model expected most.',
    'A text longer than the context is read in windows as long as the context that step by half of it, each\n' +
      'behind <bos>, if the model has one. After the first window, each token has at least half a context before it.\n' +
      'In JSON, contextTokens of a token says how many tokens stood before it in its window, <bos> not counted.',
    `${offsetNote}\n${pieceNote}`,
  ],
  example: "echo 'Le chat est sur la table.' | llm-loupe score",
  arguments: [0, 1],
  options: {},
  async run(context) {
    const { positionals, out, engine, model } = context;
    refuseTokenizer(context);
    const text = await readText(positionals[0]);
    const scored = await engine().inspect.score({ model, context: '', text });
    const { tokens: encoded, scores, perplexity, bitsPerByte, special } = scored;
    const name = await namesOf(engine().text, model, [...encoded.ids, ...(scores.top?.ids ?? [])]);
    const top = (i: number) => {
      const { count, ids, logprobs } = scores.top ?? { count: 0, ids: [], logprobs: [] };
      return Array.from({ length: count }, (_, place) => {
        const logprob = logprobs[i * count + place]!;
        return { id: ids[i * count + place]!, ...name(ids[i * count + place]!), logprob, probability: Math.fround(Math.exp(logprob)) };
      });
    };
    const tokens = Array.from(encoded.ids, (id, i) => ({
      id,
      ...name(id),
      start: encoded.start[i]!,
      end: encoded.end[i]!,
      contextTokens: scored.read[i]!,
      logprob: scores.logprob[i]!,
      rank: scores.rank[i]! + 1,
      entropy: scores.entropy[i]!,
      top: top(i),
    }));
    // Of the whole text; divided by its tokens it is the loss.
    const nll = tokens.reduce((sum, token) => sum - token.logprob, 0);
    if (out.json) {
      const context = { special, tokens: 0, dropped: 0 };
      return out.document({ ...madeWith(scored), context, tokens, nll, perplexity, bitsPerByte });
    }
    const rows = tokens.map((token) => [
      String(token.id),
      token.logprob.toFixed(3),
      String(token.rank),
      token.entropy.toFixed(3),
      quote(token.text, 'bytes' in token ? token.bytes : []),
    ]);
    await out.line(table(['id', 'logprob', 'rank', 'entropy', 'text'], rows));
    const perToken = (nll / tokens.length).toFixed(4);
    await out.line(
      `${tokens.length} tokens, ${nll.toFixed(3)} nats in all, ${perToken} per token, perplexity ${perplexity.toFixed(2)}, ${bitsPerByte.toFixed(4)} bits per byte`,
    );
  },
});
