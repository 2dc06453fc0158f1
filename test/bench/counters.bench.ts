/** Counting bytes beside a training: models of 1, 2, 3 and 5 bytes of 5 MB, and their score on the held-out windows. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { evaluationBatches, evaluationWindows } from '../../src/core/train/batches';
import { byteBaselines } from '../../src/core/train/byteCounters';
import { arraySource } from '../../src/core/train/source';
import { alone, type BenchContext, type BenchRow, median } from './lib/row';

const rounds = 5;
const megabytes = 5;
const goalSeconds = 2;
const contextLength = 256;

export async function* rows({ root }: BenchContext): AsyncGenerator<BenchRow> {
  for (const [name, folder, ending] of [
    ['French novels', '../shared/data/corpora/fr', '.txt'],
    ['TypeScript and JavaScript', 'node_modules', '.js'],
  ] as const) {
    if (!existsSync(join(root, folder))) {
      console.log(`  left out: ${folder} is not there`);
      continue;
    }
    const [train, heldOut] = [
      Int32Array.from(gather(join(root, folder), ending, 0)),
      Int32Array.from(gather(join(root, folder), ending, 1)),
    ];
    const batches = await evaluationBatches(arraySource(heldOut), evaluationWindows(contextLength).heldOut, 4, contextLength);
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const start = performance.now();
      // A token is a byte.
      await byteBaselines(
        arraySource(train),
        batches,
        (id) => [id],
        async () => {},
      );
      times.push((performance.now() - start) / 1000);
    }
    const seconds = median(times);
    const row = alone(`counting 1, 2, 3 and 5 bytes of ${megabytes} MB of ${name}`, 's', seconds);
    yield { ...row, goal: `≤ ${goalSeconds} s`, reached: seconds <= goalSeconds };
  }
}

/** The `part`-th so many megabytes of the files of a folder. */
function gather(folder: string, ending: string, part: number): Uint8Array {
  const bytes = new Uint8Array(megabytes * 1e6);
  let [length, skip] = [0, part * bytes.length];
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    if (!name.endsWith(ending) || !statSync(join(folder, name)).isFile()) continue;
    const text = readFileSync(join(folder, name));
    const from = Math.min(skip, text.length);
    skip -= from;
    const own = text.subarray(from, from + bytes.length - length);
    bytes.set(own, length);
    length += own.length;
    if (length === bytes.length) break;
  }
  return bytes.subarray(0, length);
}
