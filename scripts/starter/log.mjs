/** The log of a training run as it is committed: what it began with, the loss of every twenty steps, evaluations and samples. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const every = 20;
const rounded = (value) => Number(value.toPrecision(5));

export function eventsOf(run) {
  const lines = readFileSync(join(run, 'events.jsonl'), 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line));
}

/** One JSON object a line. Where the files lay and when is nobody's concern. */
export function compactLog(events) {
  const kept = [];
  let losses = [];
  for (const event of events) {
    if (event.type === 'step') {
      losses.push(event.loss);
      if (event.step % every !== 0) continue;
      const { type, step, learningRate, gradNorm, elapsedSeconds } = event;
      const loss = losses.reduce((sum, one) => sum + one, 0) / losses.length;
      losses = [];
      kept.push({
        type,
        step,
        loss: rounded(loss),
        learningRate: rounded(learningRate),
        gradNorm: rounded(gradNorm),
        elapsedSeconds: Math.round(elapsedSeconds),
      });
    } else if (['manifest', 'tokenizer', 'baselines', 'eval', 'sample'].includes(event.type)) kept.push(event);
    else if (event.type === 'start') kept.push({ ...event, from: event.from === null ? null : 'the phase before' });
    else if (event.type === 'done') kept.push({ ...event, path: undefined });
  }
  return kept.map((event) => `${JSON.stringify(event)}\n`).join('');
}
