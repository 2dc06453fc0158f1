import { describe, expect, it } from 'vitest';
import type { TrainEvent } from '../../../src/core/train/events';
import { firstAtLeast, History } from '../../../webview/dashboard/history';
import { simulate } from '../../../webview/dashboard/simulate';

const step = (at: number, loss: number | null = 1): TrainEvent => ({
  type: 'step',
  step: at,
  loss: loss as number,
  learningRate: 1e-3,
  gradNorm: 1,
  tokensPerSecond: 100,
  elapsedSeconds: at,
  remainingSeconds: 10,
});

describe('History', () => {
  it('keeps every step of a run, whole or in pieces', () => {
    const events = simulate({ steps: 500 });
    const whole = new History(events);
    const pieces = new History();
    for (let i = 0; i < events.length; i += 7) pieces.append(events.slice(i, i + 7));
    expect(whole.steps.step).toHaveLength(500);
    expect(whole.evals.step).toHaveLength(20);
    expect(pieces).toEqual(whole);
  });

  it('replaces the steps that a resumed run repeats, and says so', () => {
    const history = new History([
      step(1),
      step(2),
      { type: 'eval', step: 2, loss: 1, valLoss: 5, bitsPerByte: 2 },
      { type: 'sample', step: 2, prompt: 'a', text: 'lost', truth: 'b' },
      step(3),
      { type: 'resumed', step: 1 },
      step(2, 7),
      { type: 'eval', step: 2, loss: 1, valLoss: 6, bitsPerByte: 3 },
    ]);
    expect(history.steps.step).toEqual([1, 2]);
    expect(history.steps.loss).toEqual([1, 7]);
    expect(history.steps.tokensPerSecond).toHaveLength(2);
    expect(history.evals).toEqual({ step: [2], loss: [1], valLoss: [6], bitsPerByte: [3] });
    expect(history.samples).toEqual([]);
    expect(history.rewinds).toBe(1);
    expect(history.log.map((entry) => entry.event.type)).toEqual(['resumed']);
  });

  it('reads a loss that did not survive JSON as not a number', () => {
    const history = new History([step(1), step(2, null)]);
    expect(history.steps.loss[1]).toBeNaN();
  });

  it('forgets that it was done when training goes on', () => {
    const events = simulate({ steps: 20 });
    const history = new History(events);
    expect(history.done?.steps).toBe(20);
    expect(history.remainingSeconds).toBe(0);
    history.append([step(21)]);
    expect(history.done).toBeNull();
    expect(history.remainingSeconds).toBe(10);
  });
});

describe('firstAtLeast', () => {
  it('finds the place in a rising list', () => {
    expect([0, 1, 2, 3, 4, 5, 6].map((value) => firstAtLeast([1, 3, 5], value))).toEqual([0, 0, 1, 1, 2, 2, 3]);
  });
});
