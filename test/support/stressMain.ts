/** Many short trainings on one to four threads, of which none may differ: `node stressMain.mjs ASSETS RUNS`. Run it beside other work. */
import { openBackend } from '../../src/backend/open';
import { curve } from './curve';

const [assets, runs] = process.argv.slice(2) as [string, string];
const seen = new Map<string, number>();
for (let run = 0; run < Number(runs); run++) {
  await openBackend({ name: 'loupe', assets, threads: 1 + (run % 4) });
  const { training, writing, losses } = await curve(30, 5);
  const key = `${training.slice(0, 12)} ${writing.slice(0, 12)}${losses.some(Number.isNaN) ? ' NaN' : ''}`;
  seen.set(key, (seen.get(key) ?? 0) + 1);
}
console.log(seen);
process.exit(seen.size === 1 ? 0 : 1);
