import { describe, expect, it } from 'vitest';
import { memoryToTrain, parameterCount } from '../../../src/core/model/account';
import type { TrainEvent } from '../../../src/core/train/events';
import type { DashboardRun } from '../../../src/protocol/panels';
import * as step from '../../../webview/dashboard/explain';
import * as whole from '../../../webview/dashboard/explainRun';
import { dashboardRun } from '../../../webview/dashboard/fixtures';
import { History } from '../../../webview/dashboard/history';
import { simulate } from '../../../webview/dashboard/simulate';
import { forecastWords, foresee } from '../../../webview/dashboard/verdict';
import { facts } from '../../../webview/dashboard/words';

const run = dashboardRun({ steps: 1000 });
const events = simulate({ steps: 1000, until: 640 });
const history = new History(events);

/** Every "expression = number" in words, reckoned again: [what the words say, what it is]. */
function equations(words: string): [said: number, is: number][] {
  const plain = words
    .replace(/(?<=\d),(?=\d{3})/g, '')
    .replace(/\u202f%/g, '/100')
    .replace(/\. |\.$/gm, ';')
    .replace(/ln 2/g, String(Math.LN2))
    .replace(/π/g, String(Math.PI))
    .replace(/[a-z-]{2,}|\bs\b|\ba\b/gi, (word) => (word === 'cos' ? 'Math.cos' : ''))
    .replace(/[×÷−]/g, (sign) => ({ '×': '*', '÷': '/' })[sign] ?? '-');
  const reckon = (formula: string) => Number(new Function(`return ${formula}`)());
  return [...plain.matchAll(/((?:[\d.+*/() -]|Math\.cos)+) = ([\d.]+(?:\/100)?)/g)].map(([, left, right]) => [
    reckon(right!),
    reckon(left!),
  ]);
}

/** So many, each as exact as its digits are. */
function addsUp(words: string | null, count: number): void {
  const found = equations(words ?? '');
  expect(found.length, String(words)).toBe(count);
  for (const [said, is] of found) expect(Math.abs(said - is) / Math.abs(is), `${words}: ${is}`).toBeLessThan(0.01);
}

describe('a figure of a step', () => {
  it('held-out loss: from nats of so many tokens to bits per byte', () => {
    const words = step.heldOutLoss(history, run, 640)!;
    expect(words).toMatch(/^3\.\d+ nats per token, measured at step 600: .* over 4,096 tokens of the held-out text/);
    expect(words).toContain('These tokens are 14,008 bytes: ');
    addsUp(words, 1);
    expect(step.heldOutLoss(history, run, 20)).toBeNull();
  });
  it('held-out loss: claims no number of bytes that the figures do not give', () => {
    const elsewhere = { ...run, config: { ...run.config!, contextLength: 230 } };
    expect(step.heldOutLoss(history, elsewhere, 640)).not.toContain('bytes:');
    expect(step.heldOutLoss(history, { ...run, config: null }, 640)).toBe('measured at step 600');
  });
  it('training loss: of this step, in the unit, smoothed', () => {
    const smoothed = { value: 3.3, span: 8 };
    const words = step.trainingLoss(history, 'bitsPerByte', 640, smoothed)!;
    expect(words).toContain('nats per token at step 640: the mean of −ln p over its 768 tokens');
    expect(words).toContain('Smoothed over 8 steps: 1.39 bits per byte.');
    addsUp(words, 1);
    expect(step.trainingLoss(history, 'nats', 640, smoothed)).not.toContain('÷');
    expect(step.trainingLoss(history, 'nats', 640, { ...smoothed, span: 1 })).not.toContain('Smoothed');
    expect(step.trainingLoss(history, 'nats', 0, smoothed)).toBeNull();
  });
  it('learning rate: in the warm-up, along the cosine, and what is planned', () => {
    const early = step.learningRate(history, run, 20)!;
    expect(early.split('\n')[0]).toBe('Step 20 of 50 of warm-up to 0.001: 0.001 × 20 ÷ 50 = 0.0004.');
    addsUp(early, 1);
    const late = step.learningRate(history, run, 640)!;
    expect(late).toContain('590 of 950 steps done');
    expect(late).toContain('Dashed: as it is planned, down to 0.0001 at step 1,000.');
    addsUp(late, 1);
    expect(step.learningRate(history, dashboardRun({ steps: 1000, state: 'finished' }), 640)).not.toContain('Dashed');
  });
  it('gradient norm: clipped, or not', () => {
    const clipped = step.gradientNorm(history, run, 1)!;
    expect(history.steps.gradNorm[0]).toBeGreaterThan(1);
    expect(clipped).toContain('all 1,328,256 parameters at step 1');
    addsUp(clipped.split('\n')[1]!, 1);
    expect(step.gradientNorm(history, run, 640)).toContain('Not longer than 1: used as it is.');
  });
  it('tokens a second: the tokens of a step over its seconds', () => {
    const words = step.speed(history, run, 640)!;
    expect(words).toContain('768 tokens of a step (3 pieces of text × 256 tokens) ÷ ');
    addsUp(words.replace(/\(.*?\) /, ''), 1);
  });
  it('copied share: how many bytes of how many', () => {
    const of = (text: string) => ({ runs: [{ start: 0, end: 1, source: null }], share: 35 / new TextEncoder().encode(text).length });
    const words = step.copiedShare(history, of, 640)!;
    expect(words).toContain('were written after step 600.\n35 of them lie in 1 run of 30 characters or more');
    addsUp(words, 1);
    expect(step.copiedShare(history, () => ({ runs: [], share: 0 }), 640)).toContain('No run of 30 characters');
    expect(step.copiedShare(history, () => undefined, 640)).toBeNull();
  });
});

describe('a figure of a run', () => {
  it('what was read, what is done, what is left', () => {
    expect(whole.readSoFar(history)).toBe(
      'Read so far: 640 steps × 768 tokens = 491,520 tokens. The text to learn from has 6,660,642: 491,520 ÷ 6,660,642 = 0.07379 times.',
    );
    addsUp(whole.readSoFar(history), 2);
    addsUp(whole.stepsDone(history, run), 1);
    const [left, spent] = whole.time(history, run).split('\n');
    expect(left).toMatch(/^360 steps left × 0\.46 s = 2 min 46 s\./);
    expect(spent).toMatch(/^Time of training: 4 min 54 s\./);
    expect(whole.time(history, dashboardRun({ state: 'stopped' }))).toBe(spent);
  });
  it('memory is what the account of the core says', () => {
    for (const accumulate of [1, 4]) {
      const settings = { ...run.settings!, accumulate };
      const memoryBytes = memoryToTrain(run.config!, { ...settings, fused: true });
      const start = { ...(events.find(({ type }) => type === 'start') as Extract<TrainEvent, { type: 'start' }>), memoryBytes };
      const words = whole.memory(new History([start]), { ...run, settings })!;
      expect(words.includes('their sum')).toBe(accumulate > 1);
      const copies = accumulate > 1 ? 5 : 4;
      expect(words).toContain(`${copies} × 1,328,256 × 4 bytes = ${Math.round((copies * 4 * 1_328_256) / 1e6)} MB`);
      expect(words).toContain(`Together ${Math.round(memoryBytes / 1e6)} MB.`);
    }
  });
  it('parameters add up for any shape, or are not claimed', () => {
    for (const change of [{}, { tieEmbeddings: false }, { nKvHeads: 2 }, { headDim: 64, dFf: 100 }]) {
      const config = { ...run.config!, ...change };
      addsUp(whole.parameterSum(parameterCount(config), config), 3);
    }
    expect(whole.parameterSum(parameterCount(run.config!) + 1, run.config!)).toBeNull();
  });
  it('facts of the text and the plan', () => {
    const worked = (name: string, of: DashboardRun = run) => facts(history, of).find((fact) => fact.name === name)!.worked;
    expect(worked('Each step')).toBe(
      '3 pieces of text × 256 tokens. As many tokens as the text has are read after 6,660,642 ÷ 768 = 8,673 steps.',
    );
    addsUp(worked('Each step'), 1);
    addsUp(worked('Text'), 1);
    addsUp(worked('Learning rate'), 2);
    expect(worked('Corpus')).toBe('25,310,442 bytes ÷ 412 files = 61,433 bytes each on average.');
    expect(worked('Vocabulary')).toBe('1,000 bytes of the training text are about 292 tokens: 1,000 ÷ 3.42.');
    expect(worked('Shape')).toContain(
      '4 heads of 32 numbers each.\nIt sees 256 tokens at once: at 3.42 bytes each, about 876 bytes of text.',
    );
    expect(worked('Starts from')).toBeNull();
  });
  it('what is expected lies in the middle of what the fit gives', () => {
    const words = forecastWords(history, 'nats', foresee(history, run)!)!;
    const [low, high, middle] = /gives ([\d.]+) to ([\d.]+): the middle is ([\d.]+)\.$/.exec(words)!.slice(1).map(Number);
    expect(middle).toBeCloseTo((low! + high!) / 2, 2);
    expect(words).toContain('continued to step 1,000');
  });
});
