/**
 * `attention.jsonl`: what every head looks at in the run's fixed prompt, a frame at each evaluation, small enough to be kept
 * for good. Made while it trains, because by its end most of the weights are gone. Nothing resumes from it.
 */
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { recordAttention, thumbnails } from '../../core/inspect/attention';
import type { Parameters } from '../../core/model/parameters';
import type { AttentionFrame } from '../../protocol/engine';
import { fileError } from '../files';

const fileName = 'attention.jsonl';
/** Tokens of a side; a prompt that is longer is averaged down. */
const side = 32;

/** Text of a frame on disk: `values` in base64. */
interface Line extends Omit<AttentionFrame, 'values'> {
  readonly values: string;
}

/** Some milliseconds for a model of a preset. Of a prompt that the model cannot read whole, the beginning. */
export async function attentionFrame(params: Parameters, ids: Int32Array, step: number): Promise<AttentionFrame> {
  const { size, values } = await thumbnails(await recordAttention(params, ids.slice(0, params.config.contextLength)), side);
  const { nLayers, nHeads } = params.config;
  return { step, size, nLayers, nHeads, values: Uint8Array.from(values, (weight) => Math.round(255 * Math.sqrt(weight))) };
}

/** A disk that refuses it ends no training. */
export async function appendFrame(run: string, frame: AttentionFrame): Promise<void> {
  const line: Line = { ...frame, values: Buffer.from(frame.values).toString('base64') };
  await appendFile(join(run, fileName), `${JSON.stringify(line)}\n`).catch(() => undefined);
}

/** Frames of the steps after `after`, ascending; none where the run was made before there were any. Throws `file.*`. */
export async function readFrames(run: string, after: number): Promise<AttentionFrame[]> {
  const path = join(run, fileName);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw fileError(error, path);
  });
  const frames: AttentionFrame[] = [];
  for (const line of text.split('\n')) {
    const frame = parse(line);
    if (!frame) continue;
    // A run that was resumed from before computes its steps again.
    while (frames.length > 0 && frames.at(-1)!.step >= frame.step) frames.pop();
    frames.push(frame);
  }
  return frames.filter(({ step }) => step > after);
}

/** A crash may leave half a line. */
function parse(line: string): AttentionFrame | null {
  try {
    const { values, ...shape } = JSON.parse(line) as Line;
    const bytes = new Uint8Array(Buffer.from(values, 'base64'));
    return bytes.length === shape.nLayers * shape.nHeads * shape.size * shape.size ? { ...shape, values: bytes } : null;
  } catch {
    return null;
  }
}
