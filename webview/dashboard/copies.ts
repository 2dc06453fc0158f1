/**
 * What of each sample was copied from the training text: asked for in one call for all samples that are new, one call at a
 * time, for each reads the whole training text. A sample is compared once, and its answer kept while the run is on screen.
 */
import type { Copied } from '../../src/protocol/engine';

/** In ms: what is done in this time needs no rest after it. */
const SHORT = 500;

export class SampleCopies {
  private readonly known = new Map<string, Copied>();
  private asking = false;
  /** The training text is not there to compare with. */
  private unknown = false;

  constructor(
    private readonly ask: (texts: string[]) => Promise<Copied[] | null>,
    /** There is more to show. */
    private readonly changed: () => void,
  ) {}

  /** Undefined where it is not (yet) known. */
  of(text: string): Copied | undefined {
    return this.known.get(text);
  }

  /** Asks for those that were never asked for. */
  async compare(texts: readonly string[]): Promise<void> {
    if (this.asking || this.unknown) return;
    const fresh = [...new Set(texts)].filter((text) => !this.known.has(text));
    if (fresh.length === 0) return;
    this.asking = true;
    const began = performance.now();
    // A run that cannot be read is said elsewhere.
    const found = await this.ask(fresh).catch(() => null);
    if (!found) {
      this.unknown = true;
      return;
    }
    fresh.forEach((text, i) => {
      const copied = found[i];
      if (copied) this.known.set(text, copied);
    });
    // A large training text takes long to read: it is read a tenth of the time at most.
    const took = performance.now() - began;
    if (took > SHORT) setTimeout(() => this.next(), 9 * took);
    else this.asking = false;
    this.changed();
  }

  private next(): void {
    this.asking = false;
    this.changed();
  }
}

/** The share that was copied, by step, as far as it is known. */
export function copiedShares(
  samples: readonly { readonly step: number; readonly text: string }[],
  copies: Pick<SampleCopies, 'of'>,
): { step: number[]; share: number[] } {
  const out = { step: [] as number[], share: [] as number[] };
  for (const { step, text } of samples) {
    const copied = copies.of(text);
    if (!copied) continue;
    out.step.push(step);
    out.share.push(copied.share);
  }
  return out;
}
