/** What is said about a generated text: whether counting would do better, and where a copied run stands now. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { atMost, isWorse, kindOf, worseWords } from '../../src/host/generate/comparison';
import { copiedPlace } from '../../src/host/services/copiedPlace';
import { words } from '../../src/host/services/words';
import { fillPlaces } from '../../webview/lib/l10n';

test('the starter is judged by the kind of text: code of the languages it was judged on, or prose by its language', () => {
  expect(kindOf('typescriptreact', 'le la les')).toBe('typescript');
  expect(kindOf('python', 'the cat and the dog')).toBeNull();
  expect(kindOf('markdown', 'It was late, and he had not come to the door with her.')).toBe('english');
  expect(kindOf('plaintext', 'Il était tard, et elle n’avait pas vu la voiture dans la rue.')).toBe('french');
  expect(kindOf('plaintext', '')).toBeNull();
});

test('only a model that does worse than counting five bytes is said to', () => {
  expect(isWorse(null)).toBe(false);
  expect(isWorse({ bitsPerByte: 2, fiveBytes: 2.1, kind: null })).toBe(false);
  const judged = { bitsPerByte: 2.914, fiveBytes: 2.31, kind: 'english' } as const;
  expect(isWorse(judged)).toBe(true);
  const english = words((message, ...args) => fillPlaces(message, args), 'en');
  expect(worseWords(judged, english)).toBe(
    'Worse than counting five bytes on this kind of text (2.91 against 2.31 bits per byte): expect broken words.',
  );
  // A run has its own held-out text, of whatever kind: nothing is claimed of the kind that is written.
  expect(worseWords({ ...judged, kind: null }, english)).toBe(
    'Worse than counting five bytes on the text it was tested on (2.91 against 2.31 bits per byte): expect broken words.',
  );
});

test('what is judged first is waited for, and what is late is not', async () => {
  const order: string[] = [];
  await atMost(
    10_000,
    sleep(10).then(() => order.push('judged')),
  );
  order.push('writes');
  await atMost(
    10,
    sleep(60).then(() => order.push('judged later')),
  );
  order.push('writes');
  await sleep(100);
  expect(order).toEqual(['judged', 'writes', 'writes', 'judged later']);
});

test('a copied run is found where it stood, where it moved to, and not where it is gone', () => {
  const run = 'return values.map((each) => each * 2);\n}';
  const text = `// ${run}\n\nfunction a() {\n  ${run}\n`;
  const second = text.lastIndexOf(run);
  expect(copiedPlace(text, run, second)).toEqual({ start: second, end: second + run.length });
  expect(copiedPlace(text, run, 0)).toEqual({ start: 3, end: 3 + run.length });
  expect(copiedPlace(`\n\n${text}`, run, second)?.start).toBe(second + 2);
  expect(copiedPlace(text.replaceAll('* 2', '* 3'), run, second)).toBeNull();
  const crlf = text.replaceAll('\n', '\r\n');
  const found = copiedPlace(crlf, run, second)!;
  expect(crlf.slice(found.start, found.end)).toBe(run.replaceAll('\n', '\r\n'));
  expect(copiedPlace(text, '', 0)).toBeNull();
});
