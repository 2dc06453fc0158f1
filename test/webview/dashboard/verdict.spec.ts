import { describe, expect, it } from 'vitest';
import type { TrainEvent } from '../../../src/core/train/events';
import type { RunInfo } from '../../../src/protocol/engine';
import type { DashboardRun } from '../../../src/protocol/panels';
import { dashboardRun } from '../../../webview/dashboard/fixtures';
import { History } from '../../../webview/dashboard/history';
import { simulate } from '../../../webview/dashboard/simulate';
import { bandAhead, ladder, nextRung, outlook, rungs, standingAmong } from '../../../webview/dashboard/verdict';

const baselines: TrainEvent = {
  type: 'baselines',
  uniform: 6,
  unigram: 4,
  bytes1: 4.4,
  bytes2: 3.6,
  bytes3: 3.3,
  bytes5: 2.8,
  trigram: 3.3,
  fivegram: 2.8,
  uniformNats: 12,
  unigramNats: 8,
};
const start: TrainEvent = {
  type: 'start',
  parameters: 1,
  tokensPerStep: 100,
  steps: 1000,
  backend: '',
  threads: 1,
  memoryBytes: 1,
  trainTokens: 20_000,
  validationTokens: 1,
  from: null,
  seed: 1,
};
const step = (at: number, remainingSeconds = 60): TrainEvent => ({
  type: 'step',
  step: at,
  loss: 5,
  learningRate: 1e-3,
  gradNorm: 1,
  tokensPerSecond: 100,
  elapsedSeconds: at,
  remainingSeconds,
});
const evaluated = (at: number, bitsPerByte: number): TrainEvent => ({
  type: 'eval',
  step: at,
  loss: 5,
  valLoss: bitsPerByte * 2,
  bitsPerByte,
});
const seen = (at: number, bits: number, ...more: TrainEvent[]) => new History([start, ...more, step(at), evaluated(at, bits)]);
const run = (info: Partial<RunInfo> = {}): DashboardRun => dashboardRun({ steps: 1000, ...info });

describe('standing among the counters', () => {
  it('names the next one to pass, with both figures, and how much was read', () => {
    expect(standingAmong(seen(160, 3.48, baselines), 'bitsPerByte')).toBe(
      'Worse than counting three bytes (3.48 against 3.30 bits per byte): it has seen 80\u202f% of your text once.',
    );
    expect(standingAmong(seen(20, 5, baselines), 'bitsPerByte')).toMatch(/^Worse than counting single bytes \(5\.00 against 4\.40/);
    expect(standingAmong(seen(200, 4, baselines), 'bitsPerByte')).toMatch(
      /^Worse than counting two bytes .*: it has read your text once\.$/,
    );
    expect(standingAmong(seen(2400, 2.41, baselines), 'bitsPerByte')).toBe(
      'Better than counting five bytes (2.41 against 2.80 bits per byte): it has read your text 12 times.',
    );
    expect(standingAmong(seen(160, 3.301, baselines), 'bitsPerByte')).toMatch(/^As good as counting three bytes \(3\.30 bits per byte\)/);
  });
  it('says the same in nats per token', () => {
    expect(standingAmong(seen(160, 3.48, baselines), 'nats')).toMatch(
      /^Worse than counting three bytes \(6\.96 against 6\.60 nats per token\)/,
    );
    expect(ladder(seen(160, 3.48, baselines), 'bitsPerByte')).toBe(
      'On the same held-out text: the model 3.48 bits per byte; counting single bytes 4.40, counting two bytes 3.60, counting three bytes 3.30, counting five bytes 2.80. The counters have read the same training text.',
    );
  });
  it('claims nothing before it is measured or counted, and names a loss that broke', () => {
    expect(standingAmong(new History(), 'nats')).toBe('Training starts.');
    expect(standingAmong(new History([start, step(3)]), 'nats')).toContain('3 steps so far');
    expect(standingAmong(seen(160, 3.48), 'bitsPerByte')).toBe(
      '3.48 bits per byte on held-out text after 160 steps: it has seen 80\u202f% of your text once.',
    );
    expect(standingAmong(seen(160, Number.NaN, baselines), 'nats')).toBe('The loss is no longer a number after 160 steps.');
    const { bytes1, bytes2, bytes3, bytes5, ...older } = baselines as Extract<TrainEvent, { type: 'baselines' }>;
    expect(rungs(new History([older]))).toEqual([]);
    expect(ladder(seen(160, 3.48, older), 'nats')).toBeNull();
  });
  it('passes counters in the order of what they need, were a longer one worse than a shorter', () => {
    const odd = [
      { bytes: 3 as const, value: 3 },
      { bytes: 5 as const, value: 3.2 },
    ];
    expect(nextRung(3.1, odd)?.bytes).toBe(3);
    expect(nextRung(3.3, odd)?.bytes).toBe(5);
    expect(nextRung(2, odd)?.bytes).toBe(3);
    expect(nextRung(2, [])).toBeNull();
  });
});

describe('outlook', () => {
  /** A power law, as past runs followed it. */
  const falling = (until: number, remaining: number, floor = 2, scale = 20) => {
    const events: TrainEvent[] = [start, baselines];
    for (let at = 50; at <= until; at += 50) events.push(step(at, remaining), evaluated(at, floor + scale * at ** -0.5));
    return new History(events);
  };
  it('looks five minutes ahead, or to the end where that is nearer', () => {
    expect(outlook(falling(400, 1800), run(), 'bitsPerByte')).toMatch(/^Five more minutes: about 2\.\d+ expected\.$/);
    expect(outlook(falling(400, 90, 0, 89.2), run(), 'bitsPerByte')).toMatch(
      /^At its end, in about 2 min: about 3\.\d+ expected, better than counting single bytes\.$/,
    );
    expect(outlook(falling(400, 90), run({ state: 'interrupted' }), 'bitsPerByte')).toMatch(/^Resumed, at its end: about 2\.\d+ expected/);
    expect(outlook(falling(400, 90), run(), 'bitsPerByte')).toMatch(/: about 2\.\d+ expected\.$/);
    expect(outlook(falling(100, 90), run(), 'bitsPerByte')).toBeNull();
  });
  it('expects in the unit that is shown', () => {
    const bits = /: about ([\d.]+)/.exec(outlook(falling(400, 90), run(), 'bitsPerByte')!)![1]!;
    const nats = /: about ([\d.]+)/.exec(outlook(falling(400, 90), run(), 'nats')!)![1]!;
    expect(Number(nats) / Number(bits)).toBeCloseTo(2, 1);
  });
  it('says that a curve is flat', () => {
    const flat = new History([start, ...[50, 100, 150, 200, 250, 300].flatMap((at) => [step(at), evaluated(at, 2.5)])]);
    expect(outlook(flat, run(), 'bitsPerByte')).toBe('At its end, in about 1 min: about 2.50 expected, hardly any better.');
  });
  it('does not call it learning by heart before the text was read once', () => {
    const rising = [3, 2.5, 2.2, 2.3, 2.4, 2.6].flatMap((bits, i) => [step(10 * (i + 1)), evaluated(10 * (i + 1), bits)]);
    expect(outlook(new History([start, ...rising]), run(), 'bitsPerByte')).toBeNull();
  });
  it('says plainly that held-out text gets worse, and what to use', () => {
    const rising = [3, 2.5, 2.2, 2.3, 2.4, 2.6].flatMap((bits, i) => [step(100 * (i + 1)), evaluated(100 * (i + 1), bits)]);
    const history = new History([start, ...rising]);
    expect(outlook(history, run({ checkpoints: [200, 400, 600] }), 'bitsPerByte')).toBe(
      'Held-out text gets worse since step 300: it begins to learn your files by heart. Stop and use the checkpoint of step 400, or add text.',
    );
    expect(outlook(history, run(), 'bitsPerByte')).toContain('by heart. Stop, or add text.');
    expect(outlook(history, run({ state: 'finished', checkpoints: [300, 600] }), 'bitsPerByte')).toMatch(
      /got worse since step 300.*Use the checkpoint of step 300/,
    );
    expect(bandAhead(history, run())).toBeNull();
  });
  it('concludes when a run came to its end', () => {
    const ended = (...losses: number[]) =>
      new History([start, ...losses.flatMap((bits, i) => [step(100 * (i + 1), 0), evaluated(100 * (i + 1), bits)])]);
    const finished = run({ state: 'finished' });
    expect(outlook(ended(6, 5, 4.5, 4.2, 4), finished, 'nats')).toContain('with more steps');
    expect(outlook(ended(6, 4, 4, 4, 4), finished, 'nats')).toContain('more text or a larger model');
    // Flat only where the learning rate had fallen.
    expect(outlook(ended(6, 5.5, 5, 4.5, 4.2, 4.01, 4.01, 4, 4), finished, 'nats')).toContain('planned with more steps');
    expect(outlook(ended(6, 5), finished, 'nats')).toBeNull();
  });
  it('draws its band from the last evaluation to the planned end', () => {
    const band = bandAhead(falling(400, 90), run())!;
    expect(band.x[0]).toBe(400);
    expect(band.x.at(-1)).toBe(1000);
    band.x.forEach((_, i) => {
      expect(band.low[i]!).toBeLessThanOrEqual(band.expected[i]!);
      expect(band.high[i]!).toBeGreaterThanOrEqual(band.expected[i]!);
    });
    expect(bandAhead(falling(400, 90), run({ state: 'finished' }))).toBeNull();
    expect(bandAhead(new History(simulate({ steps: 1000, until: 640 })), dashboardRun())).not.toBeNull();
  });
});
