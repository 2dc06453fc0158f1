/** What each number of the worked example comes from: its formula with the actual values in it, and the numbers it was made of. */
import { fixed, int } from '../lib/format';
import { t } from '../lib/l10n';
import { k, q, v, workOut } from './example';

export const worked = { q, k, v, ...workOut(q, k, v) };
export type Stage = keyof typeof worked;

/** A number of the example: stage, row and column, from 0. */
export interface Place {
  readonly stage: Stage;
  readonly row: number;
  readonly column: number;
}

export interface Formula {
  /** "2.028 ÷ 5.056 ≈ 0.401" */
  readonly text: string;
  /** In words, what it means. */
  readonly words: string;
  readonly from: readonly Place[];
}

const dimensions = q[0]!.length;

/** As it is shown: whole where it is whole, otherwise three digits after the point. */
export function shown(value: number): string {
  return Number.isInteger(value) ? int(value) : fixed(value, 3);
}

export function valueAt({ stage, row, column }: Place): number {
  return worked[stage][row]![column]!;
}

export function formulaOf(place: Place): Formula {
  const { stage, row, column } = place;
  const value = shown(valueAt(place));
  const is = Number.isInteger(valueAt(place)) ? '=' : '≈';
  const at = (name: Stage, i: number, j: number): Place => ({ stage: name, row: i, column: j });
  const pick = (name: Stage, i: number, j: number) => shown(worked[name][i]![j]!);
  const indices = (list: readonly unknown[]) => list.map((_, i) => i);
  const [from, to] = [row + 1, column + 1];
  switch (stage) {
    case 'q':
      return { text: `q${under(from)}[${to}] = ${value}`, words: t('Token {0} asks this, in dimension {1}.', from, to), from: [] };
    case 'k':
      return { text: `k${under(from)}[${to}] = ${value}`, words: t('Token {0} answers to this, in dimension {1}.', from, to), from: [] };
    case 'v':
      return { text: `v${under(from)}[${to}] = ${value}`, words: t('Token {0} hands this over, in dimension {1}.', from, to), from: [] };
    case 'scores': {
      const each = indices(q[0]!);
      const products = each.map((d) => `${pick('q', row, d)} × ${pick('k', column, d)}`);
      return {
        text: `q${under(from)} · k${under(to)} = ${products.join(' + ')} ${is} ${value}`,
        words: t('How well what token {0} asks fits what token {1} answers to.', from, to),
        from: each.flatMap((d) => [at('q', row, d), at('k', column, d)]),
      };
    }
    case 'scaled':
      return {
        text: `${pick('scores', row, column)} ÷ √${dimensions} ${is} ${value}`,
        words: t('Divided by the root of the number of dimensions, so that longer vectors do not give sharper choices.'),
        from: [at('scores', row, column)],
      };
    case 'powers':
      return {
        text: `exp(${pick('scaled', row, column)}) ${is} ${value}`,
        words: t('Always above zero, and larger differences count more.'),
        from: [at('scaled', row, column)],
      };
    case 'sums': {
      const powers = indices(worked.powers[row]!);
      return {
        text: `${powers.map((j) => pick('powers', row, j)).join(' + ')} ${is} ${value}`,
        words: t('What the row of token {0} sums to.', from),
        from: powers.map((j) => at('powers', row, j)),
      };
    }
    case 'weights':
      return {
        text: `${pick('powers', row, column)} ÷ ${pick('sums', row, 0)} ${is} ${value}`,
        words: t('The share of its attention that token {0} gives to token {1}; each row sums to 1.', from, to),
        from: [at('powers', row, column), at('sums', row, 0)],
      };
    case 'output': {
      const tokens = indices(v);
      const products = tokens.map((j) => `${pick('weights', row, j)} × ${pick('v', j, column)}`);
      return {
        text: `${products.join(' + ')} ${is} ${value}`,
        words: t('What token {0} takes with it: the values of all tokens, each as much as its weight says.', from),
        from: tokens.flatMap((j) => [at('weights', row, j), at('v', j, column)]),
      };
    }
  }
}

function under(index: number): string {
  return '₀₁₂₃₄₅₆₇₈₉'[index] ?? String(index);
}
