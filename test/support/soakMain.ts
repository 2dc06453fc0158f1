/** The soak as a program: `node --expose-gc soakMain.mjs ASSETS STEPS THREADS`. For `scripts/soak.mjs`. */
import { type Sample, soak } from './soak';

const [assets, steps, threads] = process.argv.slice(2) as [string, string, string];
const columns: (keyof Sample)[] = ['numTensors', 'numDataBuffers', 'numBytes', 'used', 'blocks', 'reserved', 'heap', 'resident'];
console.log(`step\tloss\t${columns.join('\t')}`);
const { changed } = await soak({
  assets,
  steps: Number(steps),
  threads: Number(threads),
  collect: () => globalThis.gc?.(),
  tell: (sample) => console.log(`${sample.step}\t${sample.loss.toFixed(3)}\t${columns.map((name) => sample[name]).join('\t')}`),
});
console.log(changed.length === 0 ? 'Nothing grew.' : changed.join('\n'));
process.exit(changed.length === 0 ? 0 : 1);
