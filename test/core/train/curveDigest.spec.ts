import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { trainSettings } from '../../../src/core/model/presets';
import { type CurveFacts, curveAfter, curveDigest, curveParts, curveStart, curveStep } from '../../../src/core/train/curveDigest';
import type { TrainEvent, TrainSettings } from '../../../src/core/train/events';
import { tinyConfig } from '../../support/model';

const settingsOf = (over: Partial<TrainSettings> = {}) => trainSettings({ seed: 3, steps: 10, batch: 2, learningRate: 0.01, ...over });
const facts = (over: Partial<CurveFacts> = {}): CurveFacts => ({
  settings: settingsOf(),
  config: tinyConfig(),
  text: 'ab'.repeat(32),
  tokenizer: 'cd'.repeat(32),
  ...over,
});
const losses = [5.25, 4.100000381469727, 1 / 3];
const step = (at: number, loss: number): TrainEvent => ({
  type: 'step',
  step: at,
  loss,
  learningRate: at,
  gradNorm: 1,
  tokensPerSecond: 100 * at,
  elapsedSeconds: at,
  remainingSeconds: 0,
});
const history = losses.map((loss, i) => step(i + 1, loss));
const digest = (of: CurveFacts, events: readonly TrainEvent[] = history) => {
  const chain = curveAfter(of, events, events.length);
  return chain && curveDigest(chain);
};

test('is what another SHA-256 makes of the same numbers', () => {
  const { settings, config, text, tokenizer } = facts();
  const { seed, steps, batch, accumulate, learningRate, minLearningRate, warmup, weightDecay, beta1, beta2, gradClip, dropout } = settings;
  const numbers = [seed, steps, batch, accumulate, learningRate, minLearningRate, warmup, weightDecay, beta1, beta2, gradClip, dropout];
  const shape = Object.entries(config).sort();
  let chain = createHash('sha256')
    .update(JSON.stringify(['llm-loupe curve 1', numbers, shape, text, tokenizer]))
    .digest();
  for (const loss of losses) {
    const bits = Buffer.alloc(8);
    bits.writeDoubleLE(loss);
    chain = createHash('sha256').update(chain).update(bits).digest();
  }
  expect(digest(facts())).toBe(chain.toString('hex').slice(0, 12));
  expect(curveParts(facts())).toEqual({
    settings: createHash('sha256')
      .update(JSON.stringify([numbers, shape]))
      .digest('hex')
      .slice(0, 6),
    text: 'ababab',
    tokenizer: 'cdcdcd',
  });
});

describe('differs', () => {
  const before = digest(facts());
  test.each([
    ['the last bit of one loss', facts(), [...history.slice(0, 2), step(3, 1 / 3 + 2 ** -54)]],
    ['the order of the losses', facts(), [step(1, losses[1]!), step(2, losses[0]!), history[2]!]],
    ['a step less', facts(), history.slice(0, 2)],
    ['the seed', facts({ settings: settingsOf({ seed: 4 }) }), history],
    ['the number of steps planned', facts({ settings: settingsOf({ steps: 11 }) }), history],
    ['the shape', facts({ config: tinyConfig({ ropeTheta: 20_000 }) }), history],
    ['the text', facts({ text: 'ac'.repeat(32) }), history],
    ['the tokenizer', facts({ tokenizer: 'ce'.repeat(32) }), history],
  ])('with %s', (_, other, events) => {
    expect(digest(other, events)).not.toBe(before);
  });
});

describe('is the same', () => {
  test('however often it was looked at and saved', () => {
    const settings = settingsOf({ evalEvery: 7, sampleEvery: 9, checkpointEvery: 5, keep: 1 });
    expect(digest(facts({ settings }))).toBe(digest(facts()));
  });

  test('whatever the order of the shape’s fields, through a file too', () => {
    const config = Object.fromEntries(Object.entries(JSON.parse(JSON.stringify(tinyConfig())) as object).reverse());
    expect(digest(facts({ config: config as unknown as CurveFacts['config'] }))).toBe(digest(facts()));
  });

  test('step by step as all at once, at every step', () => {
    let chain = curveStart(facts());
    losses.forEach((loss, i) => {
      chain = curveStep(chain, loss);
      expect(curveAfter(facts(), history, i + 1)).toEqual(chain);
    });
  });
});

test('is not known where a step is missing', () => {
  expect(curveAfter(facts(), [history[0]!, history[2]!], 3)).toBeNull();
  expect(curveAfter(facts(), history.slice(1), 3)).toBeNull();
  expect(curveAfter(facts(), history, 4)).toBeNull();
});

test('costs a step less than a tenth of a millisecond', () => {
  let chain = curveStart(facts());
  const count = 2000;
  const begin = performance.now();
  for (let i = 0; i < count; i++) chain = curveStep(chain, i / 7);
  expect((performance.now() - begin) / count).toBeLessThan(0.1);
  expect(chain.length).toBe(32);
});
