/** The words of a run, for lists and status. No vscode here. */
import type { RunInfo } from '../../protocol/engine';
import type { Words } from './words';

export function runState(state: RunInfo['state'], t: Words['t']): string {
  switch (state) {
    case 'running':
      return t('training now');
    case 'paused':
      return t('paused');
    case 'finished':
      return t('finished');
    case 'stopped':
      return t('stopped');
    case 'interrupted':
      return t('interrupted');
    case 'failed':
      return t('failed');
  }
}

/** "finished · step 1,000 of 1,000 · 1.92 bits per byte" */
export function runLine(run: RunInfo, words: Words): string {
  const { t, int } = words;
  const parts = [runState(run.state, t), t('step {0} of {1}', int(run.step), int(run.steps))];
  if (run.bitsPerByte !== null) parts.push(words.tn(run.bitsPerByte, '{0} bit per byte', '{0} bits per byte', words.num(run.bitsPerByte)));
  return parts.join(' · ');
}
