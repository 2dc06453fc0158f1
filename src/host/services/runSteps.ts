/** References to the weights of one step of a run. No vscode here. */
import type { ModelRef } from '../../protocol/engine';

/** `step` 0: what it began with; null: the last. */
export function refOf(run: string, step: number | null): ModelRef {
  if (step === null) return `run:${run}`;
  return `run:${run}@${step === 0 ? 'start' : step}`;
}

/** Which step of this run a reference names: 0 for its beginning; null for its last weights, and for other models. */
export function stepOf(ref: ModelRef, run: string): number | null {
  const prefix = `run:${run}@`;
  if (!ref.startsWith(prefix)) return null;
  const at = ref.slice(prefix.length);
  if (at === 'start') return 0;
  return /^\d+$/.test(at) ? Number(at) : null;
}

/** Whether a reference names weights of this run, whichever. */
export function isOfRun(ref: ModelRef, run: string): boolean {
  return ref === `run:${run}` || ref.startsWith(`run:${run}@`);
}

/** The step that is nearest to another; of two, the later. */
export function nearest(steps: readonly number[], to: number): number {
  return steps.reduce((best, step) => (Math.abs(step - to) <= Math.abs(best - to) ? step : best));
}
