import { describe, expect, it } from 'vitest';
import type { TrainEvent } from '../../../src/core/train/events';
import { dashboardRun } from '../../../webview/dashboard/fixtures';
import { History } from '../../../webview/dashboard/history';
import { simulate } from '../../../webview/dashboard/simulate';
import { caution, facts, logLine, standing, stateNote, title } from '../../../webview/dashboard/words';

const baselines: TrainEvent = {
  type: 'baselines',
  uniform: 3.5,
  unigram: 2.6,
  trigram: 2.4,
  fivegram: 2,
  uniformNats: 8.3,
  unigramNats: 6.2,
};
const evaluated = (valLoss: number, bitsPerByte: number, ...more: TrainEvent[]) =>
  new History([...more, { type: 'eval', step: 400, loss: 1, valLoss, bitsPerByte }]);

describe('title', () => {
  it('says where the model stands between knowing nothing and counting tokens', () => {
    expect(title(new History(), 'nats')).toBe('Training starts.');
    expect(title(evaluated(9, 3.8, baselines), 'bitsPerByte')).toContain('no better than guessing every token alike (3.50)');
    expect(title(evaluated(7, 3.1, baselines), 'bitsPerByte')).toBe(
      '3.10 bits per byte on held-out text after 400 steps: better than guessing every token alike (3.50), still worse than only counting tokens (2.60).',
    );
    expect(title(evaluated(5.9, 2.5, baselines), 'bitsPerByte')).toContain(
      ': better than only counting tokens (2.60), still worse than counting what follows every two bytes (2.40).',
    );
    expect(title(evaluated(5, 2.1, baselines), 'nats')).toBe(
      '5.00 nats per token on held-out text after 400 steps: better than counting what follows every two bytes (5.71), still worse than counting what follows every four (4.76).',
    );
    expect(title(evaluated(4, 1.9, baselines), 'bitsPerByte')).toContain(': better than counting what follows every four bytes (2.00).');
  });
  it('claims nothing without baselines, and names a loss that broke', () => {
    expect(title(evaluated(5, 2.1), 'bitsPerByte')).toBe('2.10 bits per byte on held-out text after 400 steps.');
    expect(title(evaluated(Number.NaN, Number.NaN, baselines), 'nats')).toBe('The loss is no longer a number after 400 steps.');
  });
});

describe('caution', () => {
  it('warns of learning by heart only when it lasts', () => {
    expect(caution(new History(simulate({ steps: 1000 })), 'running')).toBeNull();
    expect(caution(new History(simulate({ steps: 1000, overfitFrom: 500 })), 'running')).toMatch(/best at step \d+.*More text/);
  });
  it('says at the end what would help', () => {
    const evals = (...losses: number[]) =>
      new History(
        losses.map((valLoss, i): TrainEvent => ({ type: 'eval', step: 100 * (i + 1), loss: 1, valLoss, bitsPerByte: valLoss / 2 })),
      );
    expect(caution(evals(6, 5, 4.5, 4.2, 4), 'finished')).toContain('with more steps');
    expect(caution(evals(6, 4, 4, 4, 4), 'finished')).toContain('more text or a larger model');
    expect(caution(evals(6, 5), 'finished')).toBeNull();
  });
});

describe('standing and notes', () => {
  const history = new History(simulate({ steps: 1000, until: 400 }));
  it('gives step and time by state', () => {
    expect(standing(history, dashboardRun({ state: 'running' }))).toEqual({ step: 'Step 400 of 1,000', time: 'about 5 min left' });
    expect(standing(history, dashboardRun({ state: 'paused' })).time).toBe('paused after 3 min 4 s');
  });
  it('says who trains it, and what is safe', () => {
    expect(stateNote(dashboardRun({ state: 'running' }), history)).toBeNull();
    expect(stateNote({ ...dashboardRun({ state: 'running' }), mine: false }, history)).toContain('process 4242');
    expect(stateNote(dashboardRun({ state: 'interrupted', checkpoints: [200] }), history)).toContain('up to step 200 is safe');
    expect(stateNote(dashboardRun({ state: 'interrupted' }), new History())).toContain('before its first checkpoint');
  });
});

describe('facts and log', () => {
  const history = new History(simulate({ steps: 100 }));
  it('knows the run before its first event, and more after', () => {
    expect(facts(new History(), { ...dashboardRun(), config: null, settings: null }).map(({ name }) => name)).toEqual(['Starts from']);
    const names = facts(history, dashboardRun()).map(({ name }) => name);
    expect(names).toContain('Computed by');
    expect(new Set(names).size).toBe(names.length);
  });
  it('puts every logged event into words', () => {
    const lines = history.log.map(logLine);
    expect(lines[0]!.text).toBe(
      '412 files, 25 MB. Left out: 2,184 files ignored by .gitignore, 37 binary files, 9 duplicates, 2 files with possible secrets.',
    );
    for (const { text } of lines) expect(text).not.toMatch(/[{}]|undefined|NaN/);
    const error = logLine({ step: 3, event: { type: 'error', code: 'training.nan', args: { step: 3, checkpoint: 2 } } });
    expect(error).toMatchObject({ tone: 'error', text: expect.stringContaining('(step 2) is kept') });
  });
});
