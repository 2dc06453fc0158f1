/** What the axis counts where other runs are laid beside this one by tokens or by time. */
import { duration, full, num } from '../lib/format';
import { t } from '../lib/l10n';
import { type Align, elapsedAt } from './compareSeries';
import type { History } from './history';

export type { Align };

export interface AxisWords {
  readonly align: Align;
  /** Of a step. */
  words(step: number): string;
}

/** What a place of the axis stands for, where it is not counted in steps; null where it is. */
export function axisWords(own: History, align: Align): AxisWords | null {
  const each = own.start?.tokensPerStep;
  if (align === 'tokens' && each) return { align, words: (step) => thousands(step * each) };
  if (align === 'time' && own.steps.step.length > 0) return { align, words: (step) => duration(elapsedAt(own, step)) };
  return null;
}

/** "154 k", "1.2 M": an axis has no room for more. */
function thousands(count: number): string {
  if (count >= 1e6) return t('{0} M', num(count / 1e6));
  return count >= 1e3 ? t('{0} k', num(count / 1e3)) : full(count);
}
