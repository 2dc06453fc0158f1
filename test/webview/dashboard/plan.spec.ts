import { describe, expect, it } from 'vitest';
import { csvRows } from '../../../webview/dashboard/exports';
import { dashboardRun } from '../../../webview/dashboard/fixtures';
import { History } from '../../../webview/dashboard/history';
import { actions, advance } from '../../../webview/dashboard/plan';
import { simulate } from '../../../webview/dashboard/simulate';

const kept = { checkpoints: [200] };

describe('actions', () => {
  it('offers what the state allows', () => {
    expect(actions(dashboardRun({ state: 'running' }))).toEqual(['pause', 'stop']);
    expect(actions(dashboardRun({ state: 'running', ...kept }))).toEqual(['pause', 'stop', 'use']);
    expect(actions(dashboardRun({ state: 'paused', ...kept }))).toEqual(['unpause', 'stop', 'use']);
    expect(actions(dashboardRun({ state: 'interrupted', ...kept }))).toEqual(['resume', 'use', 'delete']);
    expect(actions(dashboardRun({ state: 'failed' }))).toEqual(['delete']);
    expect(actions(dashboardRun({ state: 'stopped', ...kept }))).toEqual(['resume', 'use', 'continue', 'delete']);
    expect(actions(dashboardRun({ state: 'stopped' }))).toEqual(['delete']);
    expect(actions(dashboardRun({ state: 'finished', ...kept }))).toEqual(['use', 'continue', 'delete']);
  });
  it('leaves a run of another window alone, and the active model as it is', () => {
    expect(actions({ ...dashboardRun({ state: 'running', ...kept }), mine: false })).toEqual(['use']);
    expect(actions({ ...dashboardRun({ state: 'finished', ...kept }), active: true })).toEqual(['continue', 'delete']);
  });
});

describe('advance', () => {
  it('follows the events until the host says more', () => {
    const run = dashboardRun({ state: 'running', step: 0, steps: 0 });
    const late = advance(run, simulate({ steps: 100, until: 60, checkpointEvery: 20 }));
    expect(late.info).toMatchObject({ state: 'running', step: 60, steps: 100, checkpoints: [20, 40, 60] });
    expect(advance(late, [{ type: 'paused', step: 60 }]).info.state).toBe('paused');
    expect(advance(late, [{ type: 'error', code: 'training.nan', args: {} }]).info.state).toBe('failed');
    expect(advance(run, simulate({ steps: 40 })).info.state).toBe('finished');
  });
});

describe('csvRows', () => {
  it('holds every step, with the evaluations where they were made', () => {
    const history = new History([
      { type: 'eval', step: 0, loss: 8, valLoss: 8, bitsPerByte: 3 },
      ...simulate({ steps: 100, evalEvery: 10 }),
    ]);
    const rows = csvRows(history);
    expect(rows).toHaveLength(102);
    expect(rows.every((row) => row.length === rows[0]!.length)).toBe(true);
    expect(rows[1]).toEqual([0, '', '', '', '', 8, 3]);
    expect(rows[11]!.slice(-2)).toEqual([history.evals.valLoss[1], history.evals.bitsPerByte[1]]);
    expect(rows[12]!.slice(-2)).toEqual(['', '']);
  });
});
