/** What should be known before trusting a small model: how bad it is, plainly, and what would help. No vscode here. */
import type { Words } from '../services/words';

/**
 * `bitsPerByte` on held-out text, null where it was not measured. The bounds are what small models are seen to write: above the
 * first hardly a word is whole, below the second most are.
 */
export function smallModelNotice(bitsPerByte: number | null, { t, tn, num }: Words): string {
  if (bitsPerByte === null) return t('A model this small writes the form of sentences, not their sense, and no truths.');
  const figure = tn(bitsPerByte, '{0} bit per byte', '{0} bits per byte', num(bitsPerByte));
  if (bitsPerByte >= 3)
    return t('This model is still bad ({0}): it writes broken words. Training on more text, for more steps, would help.', figure);
  if (bitsPerByte >= 2.2)
    return t(
      'This model is still weak ({0}): it writes words and some broken ones, hardly a sentence. More text or more steps would help.',
      figure,
    );
  return t('This model is small ({0}): it writes the form of sentences, not their sense, and no truths.', figure);
}

/** Of what a run from nothing began with. */
export function untrainedNotice({ t }: Words): string {
  return t('These are weights before any training: what they write is noise.');
}
