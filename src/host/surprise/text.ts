/** The words of surprise: legend, its tooltip, and the hover of a token. No vscode here. */

import { piece } from '../services/piece';
import { plainStatus, statusName } from '../services/statusName';
import type { Words } from '../services/words';
import { betterLooks, bitSteps, changeSteps, type Look, rankLooks, rankSteps, type Scale, sequentialLooks, worseLooks } from './steps';

/** What the colours are of. */
export interface Subject {
  /** Name of the model or of the run. */
  readonly name: string;
  /** Of the run whose weights these are, while it trains. */
  readonly step: number | null;
}

/** `perByte`: bits per byte of what is visible, or the change of it; null while it is not known. */
export interface Legend {
  readonly scale: Scale;
  readonly subject: Subject;
  readonly perByte: number | null;
  /** What is known of this text and the training: it was read, or held out; null where nothing is. */
  readonly part: 'train' | 'validation' | null;
  /** The model is the active one, which the status bar names beside. */
  readonly active: boolean;
}

/** "3.42 bits per byte · training, step 120 · held out · rank 10·100·1,000"; the name of another model than the active one in place of the step. */
export function legendText({ scale, subject, perByte, part, active }: Legend, words: Words): string {
  const { t, int } = words;
  const name = active ? [] : [statusName(subject.name)];
  const model = subject.step === null ? name : [t('training, step {0}', int(subject.step))];
  const steps =
    scale === 'rank'
      ? t('rank {0}', rankSteps.map(int).join('·'))
      : t('bits {0}', (scale === 'bits' ? bitSteps : changeSteps).map(words.num).join('·'));
  const figure = perByte === null ? t('surprise…') : perByteText(scale, perByte, words);
  const read = part === null ? [] : [part === 'validation' ? t('held out') : t('trained on')];
  return [scale === 'change' && perByte !== null ? t('{0} since the start', figure) : figure, ...model, ...read, steps].join(' · ');
}

export function perByteText(scale: Scale, perByte: number, words: Words): string {
  const figure = scale === 'change' && perByte > 0 ? `+${words.num(perByte)}` : words.num(perByte);
  return words.tn(perByte, '{0} bit per byte', '{0} bits per byte', figure);
}

/** Each colour with what it stands for, in order; `null` is no colour. */
export function legendSteps(scale: Scale, words: Words): [Look | null, string][] {
  const { t, int, num } = words;
  if (scale === 'rank') {
    return [
      [null, t('among its first {0} choices', int(rankSteps[0]))],
      ...rankLooks.map((look, i): [Look, string] => [
        look,
        rankSteps[i + 1] === undefined
          ? t('beyond choice {0}', int(rankSteps[i]!))
          : t('choice {0} to {1}', int(rankSteps[i]! + 1), int(rankSteps[i + 1]!)),
      ]),
    ];
  }
  if (scale === 'bits') {
    const upTo = (i: number) =>
      bitSteps[i + 1] === undefined
        ? t('{0} bits or more', num(bitSteps[i]!))
        : t('{0} to {1} bits', num(bitSteps[i]!), num(bitSteps[i + 1]!));
    return [[null, t('under {0} bit', num(bitSteps[0]))], ...sequentialLooks.map((look, i): [Look, string] => [look, upTo(i)])];
  }
  return [
    ...[2, 1, 0].map((i): [Look, string] => [worseLooks[i]!, t('worse by {0} bits or more', num(changeSteps[i]!))]),
    [null, t('changed by less than {0} bits', num(changeSteps[0]))],
    ...[0, 1, 2].map((i): [Look, string] => [betterLooks[i]!, t('better by {0} bits or more', num(changeSteps[i]!))]),
  ];
}

/** What the number is of, by which model, and whether it has read this text: one line each. */
export function legendLines({ scale, subject, perByte, part }: Legend, words: Words): string[] {
  const { t, int } = words;
  const lines: string[] = [];
  if (perByte !== null) {
    const figure = perByteText(scale, perByte, words);
    lines.push(
      scale === 'change' ? t('The visible lines, against the start of the run: {0}.', figure) : t('The visible lines cost {0}.', figure),
    );
  }
  lines.push(
    subject.step === null
      ? t('As "{0}" expects each token after those before it.', subject.name)
      : t('As "{0}" expects each token after those before it, at step {1}.', subject.name, int(subject.step)),
  );
  if (part === 'validation') lines.push(t('This file is held out: the model is not trained on it.'));
  if (part === 'train') lines.push(t('The model was trained on this file.'));
  return lines;
}

/** "6.2 bits per byte" */
export function lineFigure({ bits, bytes }: { readonly bits: number; readonly bytes: number }, words: Words): string {
  return perByteText('bits', bits / bytes, words);
}

export interface Reading {
  readonly done: number;
  readonly files: number;
  readonly bits: number;
  readonly bytes: number;
  readonly stopped: boolean;
  /** Files that could not be read. */
  readonly unread: number;
}

/** How far the list is, and what all that was read costs. */
export function linesMessage({ done, files, bits, bytes, stopped, unread }: Reading, subject: Subject, words: Words): string {
  const { t, tn, int } = words;
  const parts = [
    done < files ? tn(files, '{0} of {1} file', '{0} of {1} files', int(done), int(files)) : tn(files, '{0} file', '{0} files', int(files)),
  ];
  if (bytes > 0) parts.push(t('{0} in all', perByteText('bits', bits / bytes, words)));
  parts.push(t('as "{0}" expects them', subject.name));
  if (unread > 0) parts.push(tn(unread, '{0} file could not be read', '{0} files could not be read', int(unread)));
  if (stopped) parts.push(t('stopped'));
  return parts.join(' · ');
}

/** What a token was given, by the model as it is and as it was at the start of its run. */
export interface Expectation {
  readonly logprob: number;
  /** From 0. */
  readonly rank: number;
}

export interface TokenSurprise extends Expectation {
  readonly bytes: Uint8Array;
  /** The most probable tokens in its place. */
  readonly top: readonly { readonly bytes: Uint8Array; readonly logprob: number; readonly own: boolean }[];
  /** Tokens that the model had read before it. */
  readonly context: number;
  readonly subject: Subject;
  readonly before: Expectation | null;
}

/** The hover as lines of Markdown. */
export function surpriseLines(token: TokenSurprise, words: Words): string[] {
  const { t, tn, int, num, percent } = words;
  if (Number.isNaN(token.logprob)) {
    return [t('You wrote {0}; nothing stands before it that the model could expect it from.', code(token.bytes))];
  }
  const [best] = token.top;
  const lines = [
    writtenText(token, best && !best.own ? best : null, words),
    token.top
      .map(({ bytes, logprob, own: written }, i) => {
        // The figure alone is bold: a token may hold asterisks.
        const figure = percent(Math.exp(logprob));
        return `${i + 1}. ${code(bytes)} ${written ? `**${figure}**` : figure}`;
      })
      .join('\n'),
    [
      t('choice number {0}', int(token.rank + 1)),
      bitsText(token.logprob, words),
      tn(token.context, '{0} token read before it', '{0} tokens read before it', int(token.context)),
    ].join(' · '),
  ];
  if (token.before) {
    const rank = t('choice number {0}', int(token.before.rank + 1));
    lines.push(t('At the start of the run: {0} · {1}.', rank, bitsText(token.before.logprob, words)));
  }
  const { name, step } = token.subject;
  lines.push(step === null ? t('Model: {0}', name) : t('Model: {0}, training, step {1}', name, int(step)));
  return lines;

  function bitsText(logprob: number, { tn: count }: Words): string {
    const bits = -logprob / Math.LN2;
    return count(bits, '{0} bit', '{0} bits', num(bits));
  }
}

interface Share {
  readonly bytes: Uint8Array;
  readonly logprob: number;
}

/** One sentence of Markdown. `best`: null where it is the token itself. */
export function writtenText(own: Share, best: Share | null, { t, percent }: Words): string {
  const share = ({ logprob }: Share) => percent(Math.exp(logprob));
  return best
    ? t('You wrote {0}; the model gave it {1}, {2} {3}.', code(own.bytes), share(own), code(best.bytes), share(best))
    : t('You wrote {0}, which the model expected most: {1}.', code(own.bytes), share(own));
}

/** The same in few characters: "“·unknown” 0.4 %, expected “·string” 31 %"; null where nothing predicts the token. */
export function cursorText(own: Share, best: Share | null, { t, percent }: Words): string | null {
  if (Number.isNaN(own.logprob)) return null;
  const said = ({ bytes, logprob }: Share) => `${t('“{0}”', shortPiece(bytes))} ${percent(Math.exp(logprob))}`;
  return best ? t('{0}, expected {1}', said(own), said(best)) : t('{0}, as expected', said(own));
}

/** For one line of a status bar. */
function shortPiece(bytes: Uint8Array): string {
  const text = plainStatus(piece(bytes));
  return text.length > 18 ? `${text.slice(0, 17)}…` : text;
}

function code(bytes: Uint8Array): string {
  return `\`\` ${piece(bytes).replaceAll('`', 'ˋ')} \`\``;
}
