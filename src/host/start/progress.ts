/** What a reader of "Start Here" has done, over all windows. It is only ever told what happened; no vscode here. */
import { type StartStep, startSteps } from '../../protocol/panels';

/** The part of `vscode.Memento` that is needed. */
interface Memory {
  get<T>(key: string): T | undefined;
  update(key: string, value: unknown): Thenable<void>;
}

const key = 'llmLoupe.start';

export class Progress {
  constructor(
    private readonly memory: Memory,
    /** What it is now, after it changed. */
    private readonly changed: (done: readonly StartStep[]) => void,
  ) {}

  /** In the order of the steps; what another version has kept and this one does not know counts nothing. */
  get done(): readonly StartStep[] {
    const kept = this.memory.get<unknown>(key);
    return Array.isArray(kept) ? startSteps.filter((step) => kept.includes(step)) : [];
  }

  async tick(step: StartStep): Promise<void> {
    const { done } = this;
    if (!done.includes(step)) await this.keep([...done, step]);
  }

  async reset(): Promise<void> {
    await this.keep([]);
  }

  private async keep(done: readonly StartStep[]): Promise<void> {
    await this.memory.update(key, done);
    this.changed(this.done);
  }
}

/**
 * A word worth taking apart: the one under the cursor where it is long enough, otherwise the longest of the text, the first one of
 * several. Null where the text has none.
 */
export function wordToMerge(text: string, cursor: number): string | null {
  let longest: string | null = null;
  for (const { 0: word, index } of text.matchAll(/[\p{L}\p{M}_$][\p{L}\p{M}\p{N}_$]*/gu)) {
    if (word.length < fewest || word.length > most) continue;
    if (index <= cursor && cursor <= index + word.length) return word;
    if (word.length > (longest?.length ?? 0)) longest = word;
  }
  return longest;
}

/** Letters of a word that has merges to look at, and whose steps fit in a panel. */
const fewest = 5;
const most = 40;
