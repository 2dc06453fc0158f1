/** The words of the tokens feature: status item and hover. No vscode here. */
import type { EncodedText } from '../../core/tokenizer/types';
import type { TokenInfo } from '../../protocol/engine';
import { hex, piece } from '../services/piece';
import { statusName } from '../services/statusName';
import type { Words } from '../services/words';

export interface TokenCount {
  readonly name: string;
  readonly tokens: number;
}

/** "61 starter · 42 GPT-4o" */
export function statusText(counts: readonly TokenCount[], words: Words): string {
  return counts.map(({ name, tokens }) => `${words.int(tokens)} ${statusName(name)}`).join(' · ');
}

/** One line per tokenizer, for the tooltip. */
export function statusLines(counts: readonly TokenCount[], characters: number, words: Words): string[] {
  return counts.map(({ name, tokens }) =>
    words.t(
      '{0}: {1} for {2}, {3} a token',
      name,
      words.tn(tokens, '{0} token', '{0} tokens', words.int(tokens)),
      words.tn(characters, '{0} character', '{0} characters', words.int(characters)),
      words.tn(characters / tokens, '{0} character', '{0} characters', words.num(characters / tokens)),
    ),
  );
}

/**
 * Which bytes of its span a fragment is, counted from 1; null for a whole token. `slice` gives the text between two offsets.
 * Spans of the tokens of one character overlap: the first of them begins where its span does.
 */
export function fragmentPlace(
  tokens: EncodedText,
  index: number,
  slice: (start: number, end: number) => string,
): { from: number; to: number; of: number } | null {
  if (!tokens.fragment[index]) return null;
  const bytes = (start: number, end: number) => new TextEncoder().encode(slice(start, end)).length;
  const start = tokens.start[index]!;
  let first = index;
  while (first > 0 && tokens.end[first - 1]! > tokens.start[first]!) first--;
  const spanStart = tokens.byteStart[first]! + bytes(tokens.start[first]!, start);
  return { from: tokens.byteStart[index]! - spanStart + 1, to: tokens.byteEnd[index]! - spanStart, of: bytes(start, tokens.end[index]!) };
}

export interface TokenFacts {
  readonly info: TokenInfo;
  readonly tokenizer: string;
  readonly fragment: { from: number; to: number; of: number } | null;
  /** What the active model gave this token after the text before it; null where it was not asked. */
  readonly probability: { model: string; share: number; rank: number } | null;
}

/** The hover as lines of `[label, value]`; values in backticks are code. */
export function tokenLines({ info, tokenizer, fragment, probability }: TokenFacts, words: Words): [string, string][] {
  const { t, int } = words;
  const code = (text: string) => `\`\` ${text.replaceAll('`', 'ˋ')} \`\``;
  const lines: [string, string][] = [[t('Token'), `${code(piece(info.bytes))} · ${t('id {0} of {1}', int(info.id), tokenizer)}`]];
  if (fragment) {
    const { from, to, of } = fragment;
    lines.push([t('Part of a character'), from === to ? t('byte {0} of {1}', from, of) : t('bytes {0} to {1} of {2}', from, to, of)]);
  }
  lines.push([t('Bytes'), code(hex(info.bytes))]);
  if (info.special) lines.push([t('Rank'), t('special token')]);
  else if (info.path.length === 0 && info.bytes.length === 1) lines.push([t('Rank'), t('a single byte, never merged')]);
  else if (info.rank !== null) lines.push([t('Rank'), t('merge number {0}', int(info.rank + 1))]);
  if (info.path.length > 0) {
    const steps = info.path.slice(-6).map((step) => `${code(piece(step.leftBytes))} + ${code(piece(step.rightBytes))}`);
    lines.push([t('Merged'), (info.path.length > 6 ? '… → ' : '') + steps.join(' → ')]);
  }
  if (probability) {
    const rank = t('choice number {0}', int(probability.rank + 1));
    lines.push([t('Probability'), t('{0} gives it {1} here ({2})', probability.model, words.percent(probability.share), rank)]);
  }
  return lines;
}
