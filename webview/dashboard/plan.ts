/** What the dashboard can do with a run in its state: which buttons there are. Pure. */
import type { TrainEvent } from '../../src/core/train/events';
import type { DashboardRun } from '../../src/protocol/panels';

export type ActionName = 'pause' | 'unpause' | 'stop' | 'resume' | 'use' | 'continue' | 'delete';

export function actions(run: DashboardRun): ActionName[] {
  const { state, checkpoints } = run.info;
  const usable = checkpoints.length > 0 && !run.active;
  switch (state) {
    case 'running':
      return run.mine ? ['pause', 'stop', ...use(usable)] : use(usable);
    case 'paused':
      return run.mine ? ['unpause', 'stop', ...use(usable)] : use(usable);
    case 'finished':
      return [...use(!run.active), 'continue', 'delete'];
    case 'stopped':
      return checkpoints.length > 0 ? ['resume', ...use(usable), 'continue', 'delete'] : ['delete'];
    default:
      return [...(checkpoints.length > 0 ? (['resume'] as const) : []), ...use(usable), 'delete'];
  }
}

function use(possible: boolean): ActionName[] {
  return possible ? ['use'] : [];
}

/**
 * The run as the events just received leave it: they arrive before the host says so otherwise. Steps, checkpoints and
 * the state follow; the rest is the host's to say.
 */
export function advance(run: DashboardRun, events: readonly TrainEvent[]): DashboardRun {
  let { state, step, steps, bitsPerByte } = run.info;
  let checkpoints = run.info.checkpoints;
  for (const event of events) {
    if ('step' in event) step = event.step;
    if (event.type === 'start') steps = event.steps;
    else if (event.type === 'eval') bitsPerByte = event.bitsPerByte;
    else if (event.type === 'checkpoint') checkpoints = [...checkpoints.filter((at) => at !== event.step), event.step];
    else if (event.type === 'paused') state = 'paused';
    else if (event.type === 'resumed') state = 'running';
    else if (event.type === 'done') state = event.stopped ? 'stopped' : 'finished';
    else if (event.type === 'error') state = 'failed';
  }
  return { ...run, info: { ...run.info, state, step, steps, bitsPerByte, checkpoints } };
}
