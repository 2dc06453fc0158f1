/** The run as TensorBoard shows it: the figures of every step and evaluation, the samples, what the run was. Exact, nothing thinned out. */
import { type BoardEvent, boardFile } from '../../src/core/formats/tfevents';
import type { TrainEvent } from '../../src/core/train/events';
import type { DashboardRun } from '../../src/protocol/panels';
import type { History } from './history';

/** @param events for the time of each step, which the columns do not keep */
export function board(run: DashboardRun, history: History, events: readonly TrainEvent[]): Uint8Array<ArrayBuffer> {
  return boardFile(run.info.created / 1000, boardEvents(run, history, events));
}

/** By step. Each is dated by the run's beginning and the time it had trained by then: pauses are not seen. */
export function boardEvents(run: DashboardRun, history: History, events: readonly TrainEvent[]): BoardEvent[] {
  const seconds = new Map<number, number>();
  for (const event of events) if (event.type === 'step') seconds.set(event.step, event.elapsedSeconds);
  const at = new Map<number, { scalars: Record<string, number>; texts: Record<string, string> }>();
  const on = (step: number) => {
    const known = at.get(step) ?? { scalars: {}, texts: {} };
    at.set(step, known);
    return known;
  };
  on(0).texts.run = described(run);
  const { steps, evals, samples } = history;
  steps.step.forEach((step, i) => {
    Object.assign(on(step).scalars, {
      'loss/training': steps.loss[i]!,
      'optimizer/learning_rate': steps.learningRate[i]!,
      'optimizer/gradient_norm': steps.gradNorm[i]!,
      'speed/tokens_per_second': steps.tokensPerSecond[i]!,
    });
  });
  evals.step.forEach((step, i) => {
    Object.assign(on(step).scalars, { 'loss/held_out': evals.valLoss[i]!, 'bits_per_byte/held_out': evals.bitsPerByte[i]! });
  });
  for (const { step, prompt, text, truth } of samples) {
    Object.assign(on(step).texts, { 'sample/model': fenced(prompt + text), 'sample/truth': fenced(prompt + truth) });
  }
  return [...at]
    .sort(([a], [b]) => a - b)
    .map(([step, { scalars, texts }]) => ({ wallTime: run.info.created / 1000 + (seconds.get(step) ?? 0), step, scalars, texts }));
}

/** As Markdown: the name, and every setting in a table. */
function described({ info, config, settings }: DashboardRun): string {
  const rows = Object.entries({ preset: info.preset, from: info.from ?? 'nothing', ...config, ...settings });
  return [`# ${info.name}`, '', '| | |', '|---|---|', ...rows.map(([name, value]) => `| ${name} | ${value} |`)].join('\n');
}

/** As Markdown that changes no letter of it. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${text}\n${fence}`;
}
