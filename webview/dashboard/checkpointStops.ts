/** Where the slider of kept weights can stand. Pure. */
import type { DashboardRun } from '../../src/protocol/panels';

export interface Stop {
  /** As the host is asked for it: 0 is what the run began with, null the last weights. */
  readonly step: number | null;
  /** The step that these weights are of. */
  readonly at: number;
}

/** From its beginning to its end; the last checkpoint is the last weights, unless the run finished after it. */
export function stopsOf({ info }: DashboardRun, kept: readonly number[]): Stop[] {
  const finished = info.state === 'finished' || info.state === 'stopped';
  const newest = kept.at(-1);
  if (newest === undefined && !finished) return [];
  const last = finished ? Math.max(info.step, newest ?? 0) : newest!;
  const earlier = kept.filter((step) => step > 0 && step < last);
  return [{ step: 0, at: 0 }, ...earlier.map((step) => ({ step, at: step })), { step: null, at: last }];
}

/** Which of so many ticks have their number written: the ends, and about five in between. */
export function labelled(count: number): Set<number> {
  const every = Math.max(1, Math.ceil((count - 1) / 6));
  const names = new Set<number>();
  for (let i = 0; i < count; i += every) names.add(i);
  // The end is named; a neighbour would run into it.
  const last = count - 1;
  for (const i of names) if (i !== last && last - i < every) names.delete(i);
  names.add(last);
  return names;
}
