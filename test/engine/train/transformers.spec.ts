/**
 * What `train` writes, opened by transformers itself: `AutoTokenizer` and `AutoModelForCausalLM` on the folder of a run and
 * on a checkpoint. Needs Python with torch and transformers: `python3`, or the interpreter that LOUPE_PYTHON names.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readModel } from '../../../src/core/formats/huggingFace';
import { forward } from '../../../src/core/model/gpt';
import { disposeParameters } from '../../../src/core/model/parameters';
import * as tf from '../../../src/core/tf';
import { disk, readFrom } from '../../../src/engine/files';
import { parseTokenizerFiles, readFilesOf } from '../../../src/engine/tokenizers';
import { trainService } from '../../../src/engine/train/service';
import { openTestBackend } from '../../support/backend';
import { greatestDifference } from '../../support/model';
import { temporaryFolder } from '../folders';
import { assets } from '../realms';
import { requestFor, writeWorkspace } from './requests';

interface Opened {
  readonly model: string;
  readonly vocabulary: number;
  readonly special: number[];
  readonly generation: number[];
  readonly texts: { ids: number[]; decoded: string; logits: number[] }[];
}

const python = process.env.LOUPE_PYTHON ?? 'python3';
const script = fileURLToPath(new URL('../../golden/open.py', import.meta.url));
/** Within the context of 16, `<bos>` included. */
const texts = ['Le petit chat', 'été 👍🏽!', " don't 12345", '\r\n\t\n', 'a<eos>b'];

/** Or why it cannot be. */
function openWith(folders: readonly string[]): Opened[] | string {
  const { status, stdout, stderr, error } = spawnSync(python, [script], {
    input: JSON.stringify({ folders, texts }),
    encoding: 'utf8',
    env: { ...process.env, HF_HUB_OFFLINE: '1', PYTHONIOENCODING: 'utf-8' },
  });
  if (error) return `${python} cannot be started`;
  if (status !== 0) throw new Error(stderr);
  const opened = JSON.parse(stdout) as Opened[] | { missing: string };
  return 'missing' in opened ? opened.missing : opened;
}

const title = 'transformers opens what training wrote: same ids, same logits (skipped where Python has no torch and transformers)';

test(title, { timeout: 180_000 }, async ({ skip }) => {
  const root = temporaryFolder();
  const config = { starter: join(root, 'starter'), runs: join(root, 'runs'), assets, backend: 'auto', threads: 0 } as const;
  // Fast enough that the logits are far from zero.
  const settings = { ...requestFor('', '').settings, steps: 30, checkpointEvery: 15, learningRate: 0.03 };
  const request = requestFor(writeWorkspace(join(root, 'workspace')), 'run', { settings });
  const { path } = await trainService(config, disk).start(request, { signal: new AbortController().signal, progress: () => undefined });

  const folders = [path, join(path, 'checkpoint-15')];
  const all = openWith(folders);
  if (typeof all === 'string') return skip(`${all} (LOUPE_PYTHON may name another Python)`);
  await openTestBackend('wasm');
  for (const [at, opened] of all.entries()) {
    const folder = folders[at]!;
    expect(opened).toMatchObject({ model: 'LlamaForCausalLM', vocabulary: 300, special: [0, 1, 2, 3], generation: [2, 3] });
    const tokenizer = await parseTokenizerFiles(await readFilesOf(folder), 'trained');
    const { params } = await readModel(readFrom(folder), folder);
    for (const [i, theirs] of opened.texts.entries()) {
      const ids = tokenizer.encode(texts[i]!, { special: true });
      expect(theirs.ids).toEqual(Array.from(ids));
      expect(theirs.decoded).toBe(texts[i]);
      const ours = tf.tidy(() => forward(params, Int32Array.of(2, ...ids)).logits.dataSync());
      expect(ours.length).toBe(theirs.logits.length);
      expect(Math.max(...theirs.logits)).toBeGreaterThan(1);
      expect(greatestDifference(ours, theirs.logits)).toBeLessThan(1e-4);
    }
    disposeParameters(params);
  }
});
