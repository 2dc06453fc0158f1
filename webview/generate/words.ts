/** What the generation panel says in sentences. Pure but for the language. */
import type { FinishReason, GenerateStep, SampleSettings } from '../../src/core/sample/types';
import type { GeneratedWith } from '../../src/protocol/panels';
import * as counts from '../lib/counts';
import { fixed, int, percent } from '../lib/format';
import { t, tn } from '../lib/l10n';
import { visible } from '../lib/tokens';
import type { Cut, StageRow, Stages } from './stages';

/** Text of a token for sentences: whitespace visible, a piece of a character named as one. */
export function tokenName(text: string, id: number): string {
  if (isPiece(text)) return t('a piece of a character (token {0})', id);
  return text === '' ? t('token {0}', id) : t('“{0}”', visible(text));
}

/** Stands, in outline, for a piece of a character that is not complete. */
export const PIECE = '…';

/** Decoding a token that holds only some bytes of a character gives the replacement character. */
export function isPiece(text: string): boolean {
  return text.includes('\ufffd');
}

/** The sentence over the stages: what was drawn, how likely, and how the model itself ranks it. */
export function drawnTitle(step: GenerateStep, stages: Stages): string {
  const words = drawnSentence(step, stages);
  return words.charAt(0).toLocaleUpperCase() + words.slice(1);
}

function drawnSentence(step: GenerateStep, stages: Stages): string {
  const chosen = stages.rows.find((row) => row.chosen);
  if (!chosen) return '';
  const name = tokenName(chosen.candidate.text, step.id);
  if (stages.greedy) return t('{0} is the most probable token here: the model gives it {1}.', name, percent(chosen.candidate.probability));
  const rank = step.rank === 0 ? t('its first choice') : t('its choice number {0}', int(step.rank + 1));
  return t(
    '{0} was drawn with {1}. The model itself gives it {2}: {3}.',
    name,
    percent(chosen.candidate.drawn),
    percent(chosen.candidate.probability),
    rank,
  );
}

/** A place in [0, 1), never rounded up: 0.9996 is not 1. */
export function share(value: number): string {
  return fixed(Math.floor(value * 1000) / 1000, 3);
}

/** How the random number chose it, with the values in it. */
export function drawWords(step: GenerateStep, stages: Stages): string {
  if (stages.greedy) return t('Temperature 0: the largest logit wins, nothing is drawn.');
  const chosen = stages.rows.find((row) => row.chosen);
  if (!chosen) return '';
  const [draw, from, to] = [step.draw, chosen.from, chosen.to].map(share) as [string, string, string];
  const left = tn(step.kept, 'One token was left to draw from.', '{0} tokens were left to draw from.', int(step.kept));
  return `${left} ${t('The random number {0} fell on its part, from {1} to {2}.', draw, from, to)}`;
}

export function cutWords(cut: Cut, row: StageRow, settings: SampleSettings): string {
  switch (cut) {
    case 'topK':
      return t('crossed out by top-k: number {0}, only {1} stay', int(row.rank + 1), int(settings.topK));
    case 'topP':
      return t('crossed out by top-p: those before it already make {0}', percent(settings.topP));
    case 'minP':
      return t('crossed out by min-p: below {0} of the most probable', percent(settings.minP));
  }
}

/** "64 tokens at 45 tokens/s: as many as asked." */
export function finishWords(finish: FinishReason, tokens: number, tokensPerSecond: number | null): string {
  const reason: Record<FinishReason, string> = {
    length: t('as many as asked'),
    stop: t('the stop text came'),
    eos: t('the model ended the text'),
    context: t('the context is full'),
    cancelled: t('stopped by you'),
  };
  const count = counts.tokens(tokens);
  const made = tokensPerSecond === null ? count : t('{0} at {1} tokens/s', count, int(tokensPerSecond));
  return t('{0}: {1}.', made, reason[finish]);
}

/** "The model read <bos>, then 7 tokens of the prompt": the end of one that is too long. */
export function readWords({ special, prompt, contextLength }: Pick<GeneratedWith, 'special' | 'prompt' | 'contextLength'>): string {
  const own = counts.tokens(Math.min(prompt.length, contextLength) - special.length);
  const first = special[0];
  return first === undefined ? t('The model read {0} of the prompt.', own) : t('The model read {0}, then {1} of the prompt.', first, own);
}

/** What a setting does at its value, in a few words. */
export function settingHint(name: keyof SampleSettings, value: number): string {
  switch (name) {
    case 'temperature':
      if (value === 0) return t('always the most probable');
      if (value === 1) return t('as the model says');
      return value < 1 ? t('safer: likely tokens gain') : t('wilder: unlikely tokens gain');
    case 'topK':
      return value === 0 ? t('off') : value === 1 ? t('only the most probable') : t('the {0} most probable', int(value));
    case 'topP':
      return value >= 1 ? t('off') : t('the first that make {0}', percent(value));
    case 'minP':
      return value === 0 ? t('off') : t('at least {0} of the first', percent(value));
    case 'seed':
      return t('same seed, same text');
  }
}
