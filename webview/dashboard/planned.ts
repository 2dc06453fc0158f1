/** What is planned of a run: how many steps, and the learning rate of each, those ahead included. Pure. */
import { learningRateAt, type Schedule } from '../../src/core/train/schedule';
import type { DashboardRun } from '../../src/protocol/panels';
import type { Place } from './compareSeries';
import type { History } from './history';
import type { Span } from './series';

export function plannedSteps(history: History, run: DashboardRun): number {
  return history.start?.steps || run.info.steps;
}

/** The plan as it runs: with a time limit, steps and warm-up are known only once the run has started. Null where no settings are. */
export function scheduleOf(history: History, run: DashboardRun): Schedule | null {
  const { settings } = run;
  if (!settings) return null;
  const { learningRate, minLearningRate, warmup } = settings;
  return { steps: plannedSteps(history, run), warmup: history.start?.warmup ?? warmup, learningRate, minLearningRate };
}

/** The plan where some of it is still ahead, or may be: a run that was stopped can go on. */
export function scheduleAhead(history: History, run: DashboardRun): Schedule | null {
  const schedule = scheduleOf(history, run);
  const over = run.info.state === 'finished' || run.info.state === 'failed';
  return schedule && !over && schedule.steps > history.step ? schedule : null;
}

/** The highest learning rate is drawn whatever the distance between two points. */
const POINTS = 64;

/** The learning rates planned after a step, as far as they are in sight; `log`: at equal distances on a logarithmic axis. */
export function ratesAhead(schedule: Schedule, step: number, span: Span, log: boolean): Place[] {
  const first = Math.max(step, span.min);
  const last = Math.min(schedule.steps, span.max);
  if (last <= first) return [];
  const at = (share: number) => (log ? first * (last / first) ** share : first + (last - first) * share);
  const places = Array.from({ length: POINTS + 1 }, (_, i) => at(i / POINTS));
  if (schedule.warmup > first && schedule.warmup < last) places.push(schedule.warmup);
  return places.sort((a, b) => a - b).map((place) => [place, learningRateAt(place, schedule)]);
}
