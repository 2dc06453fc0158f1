/** Counts of one row and the sentences that they make. Pure but for the language. */
import type { ComparedRow, CompareState } from '../../src/protocol/panels';
import { tokens } from '../lib/counts';
import { int, num } from '../lib/format';
import { t, tn } from '../lib/l10n';
import type { Alignment } from './align';

export interface Figures {
  readonly tokens: number;
  readonly charactersPerToken: number;
  readonly bytesPerToken: number;
  /** Tokens of the French text for one of the English. */
  readonly ratio: number;
}

/** Null where the tokenizer could not be read. Characters are code points, bytes those of UTF-8. */
export function figures(row: ComparedRow, text: string): Figures | null {
  if (!row.tokens || row.french === null || row.english === null) return null;
  const count = row.tokens.ids.length;
  return {
    tokens: count,
    charactersPerToken: [...text].length / count,
    bytesPerToken: new TextEncoder().encode(text).length / count,
    ratio: row.french / row.english,
  };
}

export function headline({ rows, text }: CompareState, { boundaries, differing }: Alignment): string {
  const counted = rows.flatMap((row) => {
    const figure = figures(row, text);
    return figure ? [{ name: row.name, tokens: figure.tokens }] : [];
  });
  if (counted.length === 0 || text === '') return t('Nothing to compare yet');
  const sorted = [...counted].sort((a, b) => a.tokens - b.tokens);
  const [fewest, most] = [sorted[0]!, sorted.at(-1)!];
  const cost =
    fewest.tokens === most.tokens
      ? t('{0} cut this text into {1}', sorted.map(({ name }) => name).join(', '), tokens(fewest.tokens))
      : t('{0} cuts this text into {1}, {2} into {3}', fewest.name, tokens(fewest.tokens), most.name, int(most.tokens));
  if (counted.length < 2 || boundaries === 0) return cost;
  const shared = tn(
    boundaries,
    '{0} of {1} boundary is not shared by all',
    '{0} of {1} boundaries are not shared by all',
    int(differing),
    int(boundaries),
  );
  return t('{0}; {1}', cost, shared);
}

/** What the same sentence costs in the two languages. */
export function costSentence(rows: readonly ComparedRow[]): string {
  const known = rows.filter((row) => row.french !== null && row.english !== null);
  if (known.length === 0) return '';
  const worst = known.reduce((a, b) => (b.french! / b.english! > a.french! / a.english! ? b : a));
  const ratio = worst.french! / worst.english!;
  return ratio > 1
    ? t('With {0} the same text takes {1} times as many tokens in French as in English', worst.name, num(ratio))
    : t('With none of them the same text takes more tokens in French than in English');
}
