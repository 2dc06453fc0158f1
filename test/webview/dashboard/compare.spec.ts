import { expect, test } from 'vitest';
import type { TrainEvent } from '../../../src/core/train/events';
import { comparable, differences, inNats, outcomes, type Side } from '../../../webview/dashboard/compareFacts';
import { alongside, curvesOf, elapsedAt, lastPoint } from '../../../webview/dashboard/compareSeries';
import { dashboardRun } from '../../../webview/dashboard/fixtures';
import { History } from '../../../webview/dashboard/history';
import { simulate } from '../../../webview/dashboard/simulate';

const own = new History(simulate({ steps: 1000, until: 640 }));
/** The same run on a computer half as fast, with steps twice as large. */
const slow = new History(
  simulate({ steps: 500 }).map((event): TrainEvent => {
    if (event.type === 'start') return { ...event, tokensPerStep: 2 * event.tokensPerStep, backend: 'loupe' };
    return event.type === 'step' ? { ...event, elapsedSeconds: 4 * event.elapsedSeconds } : event;
  }),
);

test('another run stands where it had done as many steps, read as many tokens, or taken as long', () => {
  expect(alongside(own, slow, 'step')!(200)).toBe(200);
  expect(alongside(own, slow, 'tokens')!(200)).toBe(400);
  expect(alongside(own, slow, 'time')!(100)).toBeCloseTo(400, 6);
  // Beyond the end of this run, at its mean speed.
  expect(alongside(own, slow, 'time')!(500)).toBeCloseTo(2000, 6);
  expect(alongside(own, slow, 'time')!(0)).toBeCloseTo(0, 6);
  expect(elapsedAt(own, 1)).toBeCloseTo(0.46, 9);
  expect(elapsedAt(own, 10.5)).toBeCloseTo(10.5 * 0.46, 9);
});

test('what a run does not say is not made up', () => {
  const silent = new History(simulate({ steps: 100 }).filter(({ type }) => type !== 'start'));
  expect(alongside(own, silent, 'tokens')).toBeNull();
  expect(alongside(own, new History(), 'time')).toBeNull();
});

test('its curves are its evaluations and its smoothed loss, in the unit of the chart, where they belong', () => {
  const place = alongside(own, slow, 'tokens')!;
  const bits = curvesOf(slow, place, 'bitsPerByte', 0);
  expect(bits.held.map(([x]) => x)).toEqual(slow.evals.step.map((step) => 2 * step));
  expect(bits.held.map(([, y]) => y)).toEqual(slow.evals.bitsPerByte);
  expect(bits.training.length).toBeLessThanOrEqual(400);
  expect(bits.training.at(-1)![0]).toBe(1000);
  const nats = curvesOf(slow, place, 'nats', 1);
  expect(nats.held.map(([, y]) => y)).toEqual(slow.evals.valLoss);
  expect(nats.training.at(-1)![1]).toBe(slow.steps.loss.at(-1));
  expect(lastPoint(bits.held, 50)).toEqual([50, slow.evals.bitsPerByte[0]]);
  expect(lastPoint(bits.held, 49)).toBeNull();
  // What the small charts draw is in no unit of loss.
  const { learningRate, gradNorm, tokensPerSecond } = bits.columns;
  expect(learningRate.at(-1)).toEqual([1000, slow.steps.learningRate.at(-1)]);
  expect(gradNorm.at(-1)![0]).toBe(1000);
  expect(tokensPerSecond.length).toBeLessThanOrEqual(400);
});

test('a loss that is not a number leaves a gap, not a point', () => {
  const broken = simulate({ steps: 20, evalEvery: 5 }).map(
    (event): TrainEvent =>
      event.type === 'eval' && event.step === 10 ? { ...event, valLoss: Number.NaN, bitsPerByte: Number.NaN } : event,
  );
  expect(curvesOf(new History(broken), (step) => step, 'nats', 1).held.map(([x]) => x)).toEqual([5, 15, 20]);
});

test('runs compare as far as they were measured alike', () => {
  const [a, otherTokens, otherText] = [
    { tokenizer: 't', text: 'x' },
    { tokenizer: 'u', text: 'x' },
    { tokenizer: 't', text: 'y' },
  ];
  expect(comparable(a, { ...a })).toBe('same');
  expect(comparable(a, otherTokens)).toBe('tokenizer');
  expect(comparable(a, otherText)).toBe('text');
  expect(comparable(otherTokens, otherText)).toBe('textAndTokenizer');
  expect(comparable(a, null)).toBe('unknown');
  expect(comparable(a, { ...a, text: null })).toBe('unknown');
  expect((['same', 'tokenizer', 'text', 'textAndTokenizer', 'unknown'] as const).filter(inNats)).toEqual(['same', 'text']);
});

test('only what differs is in the table, and where each run arrived', () => {
  const first: Side = { run: dashboardRun(), history: own };
  const { settings } = first.run;
  const second: Side = { run: { ...dashboardRun(), settings: { ...settings!, learningRate: 0.003 } }, history: slow };
  expect(differences([first, first])).toEqual([]);
  const rows = differences([first, second]);
  expect(rows.map(({ name }) => name)).toEqual(['Learning rate', 'Computed by']);
  expect(rows[0]!.values).toEqual(['0.001', '0.003']);
  // A run whose record could not be read says nothing, and that is a difference.
  const third: Side = { run: { ...dashboardRun(), settings: null }, history: own };
  expect(differences([first, third]).find(({ name }) => name === 'Seed')!.values).toEqual(['1', '–']);

  const arrived = outcomes([first, second], [true, false]);
  expect(arrived.map(({ name }) => name)).not.toContain('Held-out text, nats per token');
  expect(arrived.find(({ name }) => name === 'Tokens read')!.values).toEqual(['491,520', '768,000']);
  const losses = (one: Side, other: Side) =>
    outcomes([one, other], [true, true]).find(({ name }) => name === 'Losses equal to the last bit')!;
  expect(losses(first, second).values).toEqual(['–', 'at no step']);
  const longer = new History(simulate({ steps: 100 }));
  const shorter = new History(simulate({ steps: 100, until: 70 }));
  const [whole, part] = [longer, shorter].map((history): Side => ({ run: dashboardRun(), history }));
  expect(losses(whole!, part!).values[1]).toBe('at all that both have, up to step 70');
  shorter.steps.loss[40] = shorter.steps.loss[40]! * (1 + 2 ** -40);
  expect(losses(whole!, part!).values[1]).toBe('up to step 40');
  expect(outcomes([first, second], [true, true]).map(({ name }) => name)).toContain('Held-out text, nats per token');
});
