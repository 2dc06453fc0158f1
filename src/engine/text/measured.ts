/** What the figures of a run were measured with and on, as digests: two runs compare as far as these are the same. */
import { createHash } from 'node:crypto';
import type { MeasuredOn } from '../../protocol/engine';
import { breathe } from '../realm';
import { readRun } from '../runs/folder';
import { readFilesOf, type Tokenizers } from '../tokenizers';
import { digestOf } from '../train/goodCheckpoint';
import { bytesOfTokens, tokenPath } from '../train/prepare';
import { TokenFile } from '../train/tokenFile';

const chunk = 1 << 16;
/** Between documents: never part of UTF-8. */
const border = Uint8Array.of(0xff);

/** Throws `training.noRun`, `file.*`. */
export async function measuredOn(path: string, tokenizers: Tokenizers, signal: AbortSignal): Promise<MeasuredOn> {
  const { tokens } = await readRun(path);
  const { tokenBytes } = bytesOfTokens(await tokenizers.get(path));
  const validation = TokenFile.open(tokenPath(path, 'validation'), tokens.bytesPerId);
  try {
    // The text itself, not its tokens: another vocabulary cuts the same text.
    const text = createHash('sha256');
    for (let at = 0; at < validation.length; at += chunk) {
      text.update(Buffer.concat(Array.from(validation.read(at, chunk), (id) => tokenBytes(id) ?? border)));
      await breathe();
      signal.throwIfAborted();
    }
    const files = [...(await readFilesOf(path))].filter(([name]) => name === 'tokenizer.json');
    return { tokenizer: digestOf(new Map(files)), text: validation.length > 0 ? text.digest('hex') : null };
  } finally {
    validation.close();
  }
}
