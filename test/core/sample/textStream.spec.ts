import fc from 'fast-check';
import { expect, it } from 'vitest';
import { TextStream } from '../../../src/core/sample/textStream';

const bytes = (text: string) => new TextEncoder().encode(text);

it('gives a character when it is whole', () => {
  const stream = new TextStream([]);
  const [a, b, c, d] = bytes('🙂');
  expect([[0x61, a!], [b!, c!], [d!], [0xff], [0x62]].map((part) => stream.push(Uint8Array.from(part)))).toEqual([
    'a',
    '',
    '🙂',
    '\ufffd',
    'b',
  ]);
});

it('holds back what may become a stop text, and gives it when it does not', () => {
  const stream = new TextStream(['', 'END', 'EX']);
  expect(['aE', 'N', 'x', 'E'].map((part) => stream.push(bytes(part)))).toEqual(['a', '', 'ENx', '']);
  expect(stream.end()).toBe('E');
  expect(stream.stopped).toBe(false);
});

it('ends before the first stop text, wherever the pieces are cut', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', 'b', 'é'), maxLength: 12 }),
      fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'é'), minLength: 1, maxLength: 3 }), { maxLength: 2 }),
      fc.array(fc.nat(3), { maxLength: 30 }),
      (text, stops, cuts) => {
        const stream = new TextStream(stops);
        const whole = bytes(text);
        let out = '';
        let at = 0;
        for (const size of [...cuts, whole.length]) {
          out += stream.push(whole.subarray(at, at + size));
          at += size;
        }
        out += stream.end();
        // A stop text is met where it first ends; of two that end in the same piece, the one that begins first counts.
        const ends = stops.flatMap((stop) => (text.includes(stop) ? [text.indexOf(stop)] : []));
        expect(stream.stopped).toBe(ends.length > 0);
        if (ends.length === 0) expect(out).toBe(text);
        else if (stops.length === 1) expect(out).toBe(text.slice(0, ends[0]));
        else expect(ends.map((end) => text.slice(0, end))).toContain(out);
      },
    ),
    { numRuns: 500 },
  );
});
