/** Texts that trip tokenizers, for the properties of this folder. */
import fc from 'fast-check';
import { unicodeTable } from '../../../src/core/tokenizer/unicode';

/** Characters where words, cases, scripts and graphemes meet. */
export const trickyCharacters = [
  ...'abzABZéÉßſKǅʰªºאبंकहि字。、ไำ각각',
  ...'0129²Ⅷ٣',
  ...' \t\n\r\u000b\u000c\u0085\u00a0\u2003\u2028\u3000',
  ...'\'’"!?.,;:/\\(){}[]<>_-+=*&^%$#@~`|',
  '\u0301',
  '\u0903',
  '\u093c',
  '\u094d',
  '\u200c',
  '\u200d',
  '\ufe0f',
  '\u20e3',
  '\ufeff',
  '\u00ad',
  '\u0600',
  '\ud800',
  '\udc00',
  '\u{1f600}',
  '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}',
  '\u{1f1eb}',
  '\u{1f1f7}',
  '\u{1f3fb}',
  '\u{1f468}',
  '\u{10400}',
  '\u{10428}',
  '\u{20000}',
  "'s",
  "'ſ",
  "'LL",
  "'re",
  '<bos>',
  'the ',
  '  ',
  '\r\n',
  '   \n',
];

/** Texts made of these; short, so that every neighbourhood is met. */
export const trickyText = fc
  .array(fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...trickyCharacters) }, fc.string({ unit: 'binary', maxLength: 1 })), {
    maxLength: 24,
  })
  .map((parts) => parts.join(''));

/** Texts with much repetition, which train well and overlap (`aaaa`). */
export const repetitiveText = fc
  .array(
    fc.oneof(
      fc.constantFrom('a', 'aa', 'aaaa', 'b', 'ab', 'abab', ' ', 'é', 'the', ' the'),
      fc.string({ unit: 'binary-ascii', maxLength: 2 }),
    ),
    {
      maxLength: 40,
    },
  )
  .map((parts) => parts.join(''));

/** What a text becomes as UTF-8 and back: lone surrogates are U+FFFD. */
export function wellFormed(text: string): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(text));
}

const classTests = [/[\p{Lu}\p{Lt}]/u, /\p{Ll}/u, /[\p{Lm}\p{Lo}]/u, /\p{M}/u, /\p{N}/u, /(?![\r\n])\p{White_Space}/u, /[\r\n]/];
/** Whether this JavaScript's Unicode, often a later one, has the same classes for every character of a text as our tables. */
export function platformAgrees(text: string): boolean {
  return [...text].every((character) => {
    const kind = classTests.findIndex((test) => test.test(character)) + 1;
    return (unicodeTable[character.codePointAt(0)!]! & 7) === kind;
  });
}
