import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSafeCut, type KnownPattern, patternOf, patternSource, scanners } from '../../../src/core/tokenizer/pretokenize';
import { utf8 } from '../../../src/core/tokenizer/unicode';
import { platformAgrees, trickyText, wellFormed } from './texts';

const names = ['llama3', 'qwen2', 'smolLm', 'gpt2', 'cl100k', 'o200k'] as const;
/** A million strings over all of them. */
const strings = Math.ceil(1e6 / names.length);

/** The published expression as JavaScript: `\s` is White_Space, and contractions in any case spelt out (s folds with U+017F). */
function expression(name: KnownPattern): RegExp {
  const anyCase = "'(?:[sSſ]|[tT]|[rR][eE]|[vV][eE]|[mM]|[lL][lL]|[dD])";
  const source = patternSource[name]
    .replaceAll("(?i:'s|'t|'re|'ve|'m|'ll|'d)", `(?:${anyCase})`)
    .replaceAll('(?![\\s\\S])', '(?![^])')
    .replaceAll('(?!\\S)', '(?!\\P{White_Space})')
    .replaceAll('\\s', '\\p{White_Space}')
    .replaceAll('[^]', '[\\u{0}-\\u{10ffff}]');
  return new RegExp(source, 'gu');
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

function words(name: KnownPattern, text: string): string[] {
  const bytes = utf8(text);
  const found: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = scanners[name](bytes, at, bytes.length);
    // Not by `expect`: there are millions of words.
    if (end <= at) throw new Error(`${name} stands still at byte ${at} of ${JSON.stringify(text)}`);
    found.push(decoder.decode(bytes.subarray(at, end)));
    at = end;
  }
  return found;
}

describe('pre-tokenization', () => {
  it.each(names)('%s cuts as its published expression does', { timeout: 300_000 }, (name) => {
    const published = expression(name);
    fc.assert(
      fc.property(trickyText.map(wellFormed).filter(platformAgrees), (text) => {
        expect(words(name, text)).toEqual(text.match(published) ?? []);
      }),
      { numRuns: strings },
    );
  });

  it.each([
    ['llama3', "I've  got 12345 apples!!\n\n  x", ['I', "'ve", ' ', ' got', ' ', '123', '45', ' apples', '!!\n\n', ' ', ' x']],
    ['gpt2', "I've  got 12345 apples!!\n\n  x", ['I', "'ve", ' ', ' got', ' 12345', ' apples', '!!', '\n\n ', ' x']],
    ['o200k', "I've  got fooBar\n/x", ["I've", ' ', ' got', ' foo', 'Bar', '\n', '/x']],
    ['cl100k', 'end \n  ', ['end', ' \n  ']],
    ['llama3', 'end \n  ', ['end', ' \n', '  ']],
    ['qwen2', '123', ['1', '2', '3']],
    ['none', "I've  got", ["I've  got"]],
  ] as const)('%s cuts %j', (name, text, expected) => {
    expect(words(name, text)).toEqual(expected);
  });

  it('folds the long s, and only where the pattern ignores case', () => {
    expect(words('llama3', "it'ſx")).toEqual(['it', "'ſ", 'x']);
    expect(words('gpt2', "it'S")).toEqual(['it', "'", 'S']);
  });

  it('walks any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.constantFrom(...names), (bytes, name) => {
        for (let at = 0; at < bytes.length; ) {
          const end = scanners[name](bytes, at, bytes.length);
          expect(end).toBeGreaterThan(at);
          expect(end).toBeLessThanOrEqual(bytes.length);
          at = end;
        }
      }),
    );
  });

  it('recognises the expressions it writes', () => {
    for (const name of names) expect(patternOf(patternSource[name])).toBe(name);
    expect(patternOf('\\w+')).toBeUndefined();
  });

  it.each(names)('%s: a safe cut changes no word on either side', (name) => {
    let cuts = 0;
    fc.assert(
      fc.property(trickyText.map(wellFormed), (text) => {
        const characters = [...text];
        for (let i = 1; i < characters.length; i++) {
          if (!isSafeCut(characters[i - 1]!.codePointAt(0)!, characters[i]!.codePointAt(0)!)) continue;
          cuts++;
          const [before, after] = [characters.slice(0, i).join(''), characters.slice(i).join('')];
          expect([...words(name, before), ...words(name, after)]).toEqual(words(name, text));
        }
      }),
      { numRuns: 500 },
    );
    expect(cuts).toBeGreaterThan(100);
  });
});
