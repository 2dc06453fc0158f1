/** How a training stands, in few characters. No vscode here. */
import type { Words } from '../services/words';
import type { Standing } from './session';

export function statusText(standing: Standing, words: Words): string {
  const { t } = words;
  const share = standing.steps > 0 ? words.percent(standing.step / standing.steps) : '';
  switch (standing.phase) {
    case 'preparing':
      return `$(loading~spin) ${preparingText(standing.preparing, t)}`;
    case 'running': {
      // Its icon stands still: while one turns the window is drawn at every frame, and each letter typed waits for the next.
      const left = Number.isFinite(standing.remainingSeconds) ? t('{0} left', words.estimate(standing.remainingSeconds)) : '';
      return `$(pulse) ${[t('Training {0}', share).trim(), left].filter((part) => part !== '').join(' · ')}`;
    }
    case 'paused':
      return `$(debug-pause) ${t('Training paused {0}', share).trim()}`;
    case 'stopping':
      return `$(loading~spin) ${t('Training stops…')}`;
  }
}

export function preparingText({ what }: Standing['preparing'], t: Words['t']): string {
  switch (what) {
    case 'corpus':
      return t('Reading the files');
    case 'tokenizer':
      return t('Learning the tokens');
    case 'tokens':
      return t('Cutting the files into tokens');
    case 'model':
      return t('Preparing the model');
  }
}
