/** What the merges panel says in sentences. Pure but for the language. */
import { bytesName } from '../lib/bytes';
import { tokens } from '../lib/counts';
import { int } from '../lib/format';
import { t, tn } from '../lib/l10n';
import { isolate } from '../lib/tokens';
import type { Film, Mode, Step } from './film';

export function modeSentence(mode: Mode): string {
  return mode === 'encoding'
    ? t('Encoding: the merges are known. Each step merges the pair of lowest rank, at every place where it stands.')
    : t('Training: only bytes are known. Each step makes the most frequent pair of neighbours a new entry of the vocabulary.');
}

/** Nothing to merge, nothing to count. */
export function isEmpty(film: Film): boolean {
  return film.sequence(0).tokens.length === 0;
}

const name = (film: Film, id: number) => t('“{0}”', isolate(bytesName(film.bytes(id))));
const places = (count: number) => tn(count, 'at {0} place', 'at {0} places', int(count));
const times = (count: number) => tn(count, '{0} time', '{0} times', int(count));

/** The step that was just made. */
export function madeSentence(film: Film, at: number): string {
  if (isEmpty(film))
    return film.mode === 'encoding'
      ? t('Write a text above: its bytes and merges show here')
      : t('Write a text above to learn merges from');
  const step = film.steps[at - 1];
  const count = film.sequence(at).tokens.length;
  if (!step) return tn(count, '{0} byte, nothing is merged yet', '{0} bytes, nothing is merged yet', int(count));
  return t(
    'Step {0} of {1}: {2} and {3} became {4}',
    int(at),
    int(film.steps.length),
    name(film, step.pair[0]),
    name(film, step.pair[1]),
    name(film, step.merged),
  );
}

/** What comes next, and why this pair; nothing of no text. */
export function nextSentence(film: Film, at: number, most: number): string {
  if (isEmpty(film)) return '';
  const step = film.steps[at];
  const count = tokens(film.sequence(at).tokens.length);
  if (!step) return t('{0}. {1}', count, endSentence(film, most));
  const pair = t('{0} and {1}', name(film, step.pair[0]), name(film, step.pair[1]));
  return t('{0}. Next: {1}, {2}.', count, pair, film.mode === 'encoding' ? byRank(step) : byCount(step));
}

function byRank(step: Step): string {
  return t('rank {0}, the lowest, {1}', int(step.value), places(step.at.length));
}

function byCount(step: Step): string {
  const often = t('{0}, the most frequent', times(step.value));
  if (step.ties === 0) return often;
  const tie = tn(
    step.ties,
    '{0} other pair stands there as often: the smallest ids decide',
    '{0} other pairs stand there as often: the smallest ids decide',
    int(step.ties),
  );
  return `${often} (${tie})`;
}

function endSentence(film: Film, most: number): string {
  if (film.mode === 'encoding') {
    return film.encoded === null
      ? t('No pair is left that this vocabulary merges: these are the tokens.')
      : t(
          'No pair is left to merge. This tokenizer takes words that it knows as a whole before it merges: {0}.',
          tokens(film.encoded.length),
        );
  }
  if (film.steps.length === 0) return t('No pair stands there twice: there is nothing to learn from this text.');
  return film.steps.length >= most
    ? t('The panel stops here, after {0} merges.', int(most))
    : t('No pair stands there twice: nothing more can be learnt.');
}

/** "4 special tokens + 256 bytes + 7 merges = 267 entries" */
export function vocabularySentence(merges: number): string {
  return t(
    'Vocabulary: 4 special tokens, 256 bytes and {0} make {1} entries.',
    tn(merges, '{0} merge', '{0} merges', int(merges)),
    int(260 + merges),
  );
}
