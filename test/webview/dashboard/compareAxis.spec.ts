import { describe, expect, it } from 'vitest';
import type { TrainEvent } from '../../../src/core/train/events';
import { type Align, axisWords } from '../../../webview/dashboard/compareAxis';
import { History } from '../../../webview/dashboard/history';
import { simulate } from '../../../webview/dashboard/simulate';

/** 1,000 steps of 768 tokens, so many seconds each; the first is slow, as where a model is made. */
function run(secondsPerStep: number): History {
  return new History(
    simulate({ steps: 1000 }).map(
      (event): TrainEvent =>
        event.type === 'step' ? { ...event, elapsedSeconds: (2 + event.step + Math.sin(event.step / 40)) * secondsPerStep } : event,
    ),
  );
}

function names(history: History, align: Align, min: number, max: number, log = false, most = 8): string[] {
  const axis = axisWords(history, align)!;
  const splits = axis.splits({ min, max }, most, log);
  expect(splits.every((step) => step >= min - 1e-6 && step <= max + 1e-6)).toBe(true);
  expect(splits).toEqual(splits.toSorted((a, b) => a - b));
  return splits.map((step) => axis.words(step));
}

describe('the axis by time', () => {
  it.each([
    [0.004, ['0.5 s', '1 s', '1.5 s', '2 s', '2.5 s', '3 s', '3.5 s', '4 s']],
    [0.03, ['5 s', '10 s', '15 s', '20 s', '25 s', '30 s']],
    [0.1, ['15 s', '30 s', '45 s', '1 min', '1 min 15 s', '1 min 30 s']],
    [0.46, ['1 min', '2 min', '3 min', '4 min', '5 min', '6 min', '7 min']],
    [4, ['10 min', '20 min', '30 min', '40 min', '50 min', '1 h']],
    [20, ['1 h', '2 h', '3 h', '4 h', '5 h']],
    [200, ['12 h', '24 h', '36 h', '48 h']],
  ])('names round times where a step takes %d s', (secondsPerStep, expected) => {
    expect(names(run(secondsPerStep), 'time', 1, 1000)).toEqual(expected);
  });

  it('does so in a part of the run, shorter than a second too', () => {
    expect(names(run(0.46), 'time', 400, 480)).toEqual([
      '3 min 5 s',
      '3 min 10 s',
      '3 min 15 s',
      '3 min 20 s',
      '3 min 25 s',
      '3 min 30 s',
      '3 min 35 s',
      '3 min 40 s',
    ]);
    expect(names(run(0.05), 'time', 1, 21)).toEqual(['0.2 s', '0.4 s', '0.6 s', '0.8 s', '1 s']);
  });

  it('keeps names apart on a logarithmic axis', () => {
    expect(names(run(0.46), 'time', 1, 1000, true)).toEqual(['2 s', '5 s', '15 s', '1 min', '5 min']);
    expect(names(run(0.46), 'time', 1, 1000, true, 3)).toEqual(['2 s', '15 s', '2 min']);
  });

  it('has room for one name where it is narrow', () => {
    expect(names(run(0.46), 'time', 1, 1000, false, 1)).toEqual(['5 min']);
    expect(names(run(0.46), 'time', 1, 1000, false, 0)).toEqual(['5 min']);
  });
});

it('the axis by tokens names round counts', () => {
  expect(names(run(0.46), 'tokens', 1, 1000)).toEqual(['100 k', '200 k', '300 k', '400 k', '500 k', '600 k', '700 k']);
  expect(names(run(0.46), 'tokens', 1, 1000, false, 3)).toEqual(['500 k']);
  expect(names(run(0.46), 'tokens', 1, 4000, false, 7)).toEqual(['500 k', '1 M', '1.5 M', '2 M', '2.5 M', '3 M']);
});

it('steps stay steps', () => {
  expect(axisWords(run(0.46), 'step')).toBeNull();
});
