/**
 * The encoding of a text one merge at a time, for showing: start from bytes, then, lowest rank first, apply a merge at
 * every place at once. Written for clarity, not speed; the result equals `encode`.
 */
import type { MergeTable } from './mergeTable';
import { scanners } from './pretokenize';
import type { MergeStep } from './types';
import type { Vocabulary } from './vocabulary';

export function mergeSteps(bytes: Uint8Array, vocabulary: Vocabulary, table: MergeTable): MergeStep[] {
  let tokens = Array.from(bytes, (byte) => vocabulary.byteIds[byte]!);
  // Merges do not cross words: `opens[i]` says that token i begins one.
  let opens = tokens.map(() => false);
  const scan = scanners[vocabulary.pattern];
  for (let at = 0; at < bytes.length; at = scan(bytes, at, bytes.length)) opens[at] = true;

  const steps: MergeStep[] = [];
  for (;;) {
    let lowest = -1;
    for (let i = 0; i + 1 < tokens.length; i++) {
      const merge = opens[i + 1] ? -1 : table.find(tokens[i]!, tokens[i + 1]!);
      if (merge >= 0 && (lowest < 0 || vocabulary.ranks[merge]! < vocabulary.ranks[lowest]!)) lowest = merge;
    }
    if (lowest < 0) return steps;
    const left = vocabulary.left[lowest]!;
    const right = vocabulary.right[lowest]!;
    const merged = vocabulary.merged[lowest]!;
    const at: number[] = [];
    const nextTokens: number[] = [];
    const nextOpens: boolean[] = [];
    for (let i = 0; i < tokens.length; i++) {
      nextOpens.push(opens[i]!);
      if (tokens[i] === left && tokens[i + 1] === right && !opens[i + 1]) {
        at.push(i);
        nextTokens.push(merged);
        i++;
      } else {
        nextTokens.push(tokens[i]!);
      }
    }
    tokens = nextTokens;
    opens = nextOpens;
    steps.push({ pair: [left, right], merged, rank: vocabulary.ranks[lowest]!, at, tokens });
  }
}
