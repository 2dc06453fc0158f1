import { type Benchmark, benchmarks } from '../benchmarks';
import { command } from '../command';
import { UsageError } from '../errors';
import { table } from '../output';

export const bench = command({
  name: 'bench',
  usage: '[tokenizer|training|generation|all]',
  summary: 'how fast this machine is, and ratios against peers found on it, measured in the same run',
  example: 'llm-loupe bench tokenizer --json',
  arguments: [0, 1],
  options: {},
  async run({ positionals, out, engine, model, root }) {
    const which = positionals[0] ?? 'all';
    const chosen = which === 'all' ? Object.keys(benchmarks) : [which];
    const results: Benchmark[] = [];
    for (const name of chosen) {
      const run = benchmarks[name as keyof typeof benchmarks];
      if (!run) throw new UsageError(`bench cannot measure "${name}": choose tokenizer, training, generation or all`);
      out.log(`Measuring ${name}...`);
      results.push(await run({ engine: engine(), model, root }));
    }
    for (const { name, absent } of results) if (absent) out.log(`${name}: no ratio, ${absent}.`);
    if (out.json) return out.document({ results });
    const rows = results.map(({ name, unit, loupe, peer, peerName, ratio }) => [
      name,
      loupe.toFixed(2),
      unit,
      peer === null ? '' : peer.toFixed(2),
      peerName ?? '',
      ratio === null ? '' : ratio.toFixed(2),
    ]);
    await out.line(table(['name', 'loupe', 'unit', 'peer', 'peer name', 'ratio'], rows));
  },
});
