/** Reading `golden/`, which scripts/tokenizer/golden.mjs writes. */
import { readFileSync } from 'node:fs';
import type { TokenizerJson } from '../../../src/core/tokenizer/huggingFaceJson';

const read = (name: string): string => readFileSync(new URL(`golden/${name}`, import.meta.url), 'utf8');

export const corpus = read('corpus.txt');
export const strings = JSON.parse(read('strings.json')) as string[];
/** Per pattern: the ids of each string under the tokenizer of 600 entries trained on `corpus`. */
export const own = (JSON.parse(read('own.json')) as { ids: Record<string, number[][]> }).ids;

export type ForeignKind = 'nfc' | 'split' | 'smolLm' | 'metaspace' | 'wordPiece' | 'unigram';

export function foreign(kind: ForeignKind): { tokenizer: TokenizerJson; ids: number[][] } {
  return JSON.parse(read(`${kind}.json`)) as { tokenizer: TokenizerJson; ids: number[][] };
}

/** Code points of each class for the reference library, as first, last, first, last ... */
export const classes = (JSON.parse(read('classes.json')) as { classes: Record<string, number[]> }).classes;
