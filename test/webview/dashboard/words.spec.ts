import { describe, expect, it } from 'vitest';
import { dashboardRun } from '../../../webview/dashboard/fixtures';
import { History } from '../../../webview/dashboard/history';
import { simulate } from '../../../webview/dashboard/simulate';
import { facts, logLine, standing, stateNote } from '../../../webview/dashboard/words';

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
