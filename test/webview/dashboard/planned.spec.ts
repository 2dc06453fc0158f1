import { describe, expect, it } from 'vitest';
import { learningRateAt } from '../../../src/core/train/schedule';
import { dashboardRun } from '../../../webview/dashboard/fixtures';
import { History } from '../../../webview/dashboard/history';
import { ratesAhead, scheduleAhead, scheduleOf } from '../../../webview/dashboard/planned';
import { simulate } from '../../../webview/dashboard/simulate';
import { facts } from '../../../webview/dashboard/words';

const schedule = { steps: 1000, warmup: 50, learningRate: 1e-3, minLearningRate: 1e-4 };
const whole = { min: 1, max: 1000 };

describe('the plan of a run', () => {
  const limited = dashboardRun({ steps: 0 });
  it('is what was fixed at its start, where a time was given', () => {
    const history = new History(simulate({ steps: 200, until: 80 }));
    expect(scheduleOf(history, limited)).toEqual({ ...schedule, steps: 200, warmup: 10 });
    expect(scheduleOf(new History(), dashboardRun())).toEqual(schedule);
    expect(scheduleOf(history, { ...limited, settings: null })).toBeNull();
  });
  it('is over with the run, and goes on with one that can be resumed', () => {
    const half = new History(simulate({ steps: 1000, until: 500 }));
    for (const state of ['running', 'paused', 'stopped', 'interrupted'] as const)
      expect(scheduleAhead(half, dashboardRun({ state }))?.steps, state).toBe(1000);
    for (const state of ['finished', 'failed'] as const) expect(scheduleAhead(half, dashboardRun({ state })), state).toBeNull();
    expect(scheduleAhead(new History(simulate({ steps: 1000 })), dashboardRun({ state: 'running' }))).toBeNull();
  });
  it('is said in the facts with its shape and its end', () => {
    const said = (warmup: number) => {
      const run = dashboardRun();
      return facts(new History(), { ...run, settings: { ...run.settings!, warmup } }).find(({ name }) => name === 'Learning rate')?.value;
    };
    expect(said(50)).toBe('50 steps of warm-up to 0.001, then half a cosine down to 0.0001 at step 1,000');
    expect(said(0)).toBe('half a cosine from 0.001 down to 0.0001 at step 1,000');
  });
});

describe('the learning rates ahead', () => {
  it('go from the last step to the planned end, as training will compute them', () => {
    for (const log of [false, true]) {
      const line = ratesAhead(schedule, 400, whole, log);
      expect(line[0]![0]).toBeCloseTo(400);
      expect(line.at(-1)![0]).toBeCloseTo(1000);
      expect(line.at(-1)![1]).toBeCloseTo(1e-4, 9);
      for (const [step, rate] of line) expect(rate).toBe(learningRateAt(step, schedule));
    }
  });
  it('pass through the highest one', () => {
    expect(ratesAhead(schedule, 7, whole, false)).toContainEqual([50, 1e-3]);
    expect(ratesAhead(schedule, 50, whole, false)[0]).toEqual([50, 1e-3]);
  });
  it('lie at equal distances on the axis that is shown', () => {
    const [a, b, c] = ratesAhead(schedule, 100, whole, true).map(([step]) => step);
    expect(b! / a!).toBeCloseTo(c! / b!);
    const [d, e, f] = ratesAhead(schedule, 100, whole, false).map(([step]) => step);
    expect(e! - d!).toBeCloseTo(f! - e!);
  });
  it('are those in sight', () => {
    const steps = ratesAhead(schedule, 400, { min: 500, max: 700 }, false).map(([step]) => step);
    expect([steps[0], steps.at(-1)]).toEqual([500, 700]);
    expect(ratesAhead(schedule, 400, { min: 100, max: 400 }, false)).toEqual([]);
    expect(ratesAhead(schedule, 1000, whole, false)).toEqual([]);
    expect(ratesAhead(schedule, 0, whole, true)[0]).toEqual([1, learningRateAt(1, schedule)]);
  });
});
