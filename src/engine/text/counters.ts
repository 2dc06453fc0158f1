/**
 * What counted bytes predict of a run's held-out text: read in its history, else counted in its frozen token files. Done in
 * the text realm, so that training need not wait for it.
 */
import { evaluationBatches, evaluationWindows } from '../../core/train/batches';
import { type ByteBaselines, byteBaselines } from '../../core/train/byteCounters';
import { breathe } from '../realm';
import { knownCounters } from '../runs/events';
import { readRun } from '../runs/folder';
import type { Tokenizers } from '../tokenizers';
import { bytesOfTokens, tokenPath } from '../train/prepare';
import { TokenFile } from '../train/tokenFile';

/** Null where nothing is held out. Throws `file.*`, `training.noRun`. */
export async function counters(path: string, tokenizers: Tokenizers, signal: AbortSignal): Promise<ByteBaselines | null> {
  const { tokens, settings, config } = await readRun(path);
  const known = await knownCounters(path);
  if (known) return known;
  const train = TokenFile.open(tokenPath(path, 'train'), tokens.bytesPerId);
  const validation = TokenFile.open(tokenPath(path, 'validation'), tokens.bytesPerId);
  try {
    const batches = await evaluationBatches(
      validation,
      evaluationWindows(config.contextLength).heldOut,
      settings.batch,
      config.contextLength,
    );
    if (batches.length === 0) return null;
    const { tokenBytes } = bytesOfTokens(await tokenizers.get(path));
    return await byteBaselines(train, batches, tokenBytes, async () => {
      await breathe();
      signal.throwIfAborted();
    });
  } finally {
    train.close();
    validation.close();
  }
}
