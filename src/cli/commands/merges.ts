import { command } from '../command';
import { entriesOf, named } from '../entries';
import { quote } from '../output';

export const merges = command({
  name: 'merges',
  usage: 'TEXT',
  summary: 'each merge step of the encoding, lowest rank first',
  notes: ['rank is the place of a merge in the tokenizer, from 0. In JSON, entries gives each id its text.'],
  example: "llm-loupe merges 'abab abab'",
  arguments: [1, 1],
  options: {},
  async run({ positionals, out, engine, tokenizer }) {
    const { text } = engine();
    const { steps, start } = await text.merges({ text: positionals[0]!, tokenizer });
    const used = Uint32Array.from(new Set([...start, ...steps.map((step) => step.merged)]));
    const entries = await entriesOf(text, tokenizer, used);
    if (out.json) {
      const made = steps.map(({ pair, merged, rank, at, tokens }) => ({ pair, merged, rank, at, tokens }));
      return out.document({ start, steps: made, entries: entries.map((entry, i) => ({ id: used[i]!, ...named(entry) })) });
    }
    const names = new Map(entries.map((entry, i) => [used[i]!, quote(entry.text, entry.bytes)]));
    const show = (ids: Iterable<number>) => Array.from(ids, (id) => names.get(id)).join(' ');
    await out.line(`start  ${show(start)}`);
    for (const { rank, tokens } of steps) await out.line(`rank ${rank}  ${show(tokens)}`);
  },
});
