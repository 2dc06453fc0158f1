/**
 * The weights as they are while a run trains, in a folder of the run that another realm opens as a model (`run:ID@live`). Not a
 * checkpoint: nothing resumes from them, so they are not flushed, and a disk that refuses them ends no training.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { modelFiles } from '../../core/formats/huggingFace';
import type { Parameters } from '../../core/model/parameters';
import { livePath } from '../runs/folder';
import type { TokenizerFiles } from '../tokenizers';

export class LiveWeights {
  private readonly folder: string;
  private begun = false;

  constructor(
    run: string,
    private readonly tokenizer: TokenizerFiles,
  ) {
    this.folder = livePath(run);
  }

  /** Whoever reads sees the weights before or these, never a mixture. */
  async write(params: Parameters): Promise<void> {
    const files = await modelFiles(params);
    try {
      if (!this.begun) {
        await mkdir(this.folder, { recursive: true });
        for (const [name, bytes] of [...this.tokenizer, ...files]) {
          if (name !== 'model.safetensors') await writeFile(join(this.folder, name), bytes);
        }
        this.begun = true;
      }
      const aside = join(this.folder, `.${randomUUID()}`);
      await writeFile(aside, files.get('model.safetensors')!);
      await rename(aside, join(this.folder, 'model.safetensors'));
    } catch {
      // A disk that is full is told by the next checkpoint, which matters.
      await this.remove();
    }
  }

  /** The final model, or the last checkpoint, takes their place. */
  async remove(): Promise<void> {
    this.begun = false;
    await rm(this.folder, { recursive: true, force: true }).catch(() => undefined);
  }
}
