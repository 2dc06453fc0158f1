import { command } from '../command';
import { entriesOf } from '../entries';
import { quote } from '../output';

export const merges = command({
  name: 'merges',
  usage: 'TEXT',
  summary: 'each merge step of the encoding, lowest rank first',
  notes: ['rank is the place of a merge in the tokenizer, from 0.'],
  example: "llm-loupe merges 'abab abab'",
  arguments: [1, 1],
  options: {},
  async run({ positionals, out, engine, tokenizer }) {
    const { text } = engine();
    const { steps, start } = await text.merges({ text: positionals[0]!, tokenizer });
    if (out.json) {
      return out.document({ start, steps: steps.map(({ pair, merged, rank, at, tokens }) => ({ pair, merged, rank, at, tokens })) });
    }
    const used = Uint32Array.from([...start, ...steps.map((step) => step.merged)]);
    const names = new Map((await entriesOf(text, tokenizer, used)).map((entry, i) => [used[i]!, quote(entry.text, entry.bytes)]));
    const show = (ids: Iterable<number>) => Array.from(ids, (id) => names.get(id)).join(' ');
    await out.line(`start  ${show(start)}`);
    for (const { rank, tokens } of steps) await out.line(`rank ${rank}  ${show(tokens)}`);
  },
});
