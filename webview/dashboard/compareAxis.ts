/** What the axis counts where other runs are laid beside this one by tokens or by time. */
import { duration, full, num } from '../lib/format';
import { t } from '../lib/l10n';
import { type Align, elapsedAt } from './compareSeries';
import type { History } from './history';

export type { Align };

/** What a place of the axis stands for, where it is not counted in steps; null where it is. */
export function axisWords(own: History, align: Align): ((step: number) => string) | null {
  const each = own.start?.tokensPerStep;
  if (align === 'tokens' && each) return (step) => thousands(step * each);
  if (align === 'time' && own.steps.step.length > 0) return (step) => duration(elapsedAt(own, step));
  return null;
}

/** "154 k", "1.2 M": an axis has no room for more. */
function thousands(count: number): string {
  if (count >= 1e6) return t('{0} M', num(count / 1e6));
  return count >= 1e3 ? t('{0} k', num(count / 1e3)) : full(count);
}
