/** The commands that need no model: tokens, and learning a tokenizer. */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { textService } from '../../src/engine/text/service';
import { encodingFilm } from '../../webview/merges/film';
import { story } from '../engine/realms';
import { buildCli, type Cli, oneLine } from './cli';

interface Token {
  id: number;
  text: string | null;
  bytes: number[];
  start: number;
  end: number;
  byteStart: number;
  byteEnd: number;
}
interface Tokens {
  tokenizer: string;
  vocabSize: number;
  count: number;
  bytes: number;
  tokens: Token[];
}

let cli: Cli;
beforeAll(async () => {
  cli = await buildCli('text');
});

const sample = 'Le petit chat boit du lait.\r\nÉté 👩‍👩‍👧‍👦 — ça va ?\n';

describe('tokenize', () => {
  test('JSON: spans in UTF-16 and in bytes cover the text', async () => {
    const { tokenizer, vocabSize, count, bytes, tokens } = await cli.json<Tokens>(['tokenize'], { input: sample });
    expect([tokenizer, vocabSize, count, bytes]).toEqual(['starter', 320, tokens.length, Buffer.byteLength(sample)]);
    expect(Buffer.from(tokens.flatMap((token) => token.bytes)).toString()).toBe(sample);
    let at = 0;
    for (const token of tokens) {
      expect(token.byteStart).toBe(at);
      at = token.byteEnd;
      expect(token.byteEnd - token.byteStart).toBe(token.bytes.length);
      if (token.text !== null && token.text.length === token.end - token.start)
        expect(sample.slice(token.start, token.end)).toBe(token.text);
      else expect(token.end - token.start).toBeGreaterThan(0);
    }
    expect(at).toBe(bytes);
  });

  test('text: one line a token; --ids come back through detokenize to the same bytes', async () => {
    const [lines, ids] = await Promise.all([
      cli.run(['tokenize'], { input: 'chat "é"' }),
      cli.run(['tokenize', '--ids'], { input: sample }),
    ]);
    expect(lines).toMatchObject({ status: 0, stderr: '' });
    expect(lines.text.split('\n')[0]).toMatch(/^ *id {2}bytes +text$/);
    expect(lines.text).toMatch(/\n *\d+ {2}61 74 +"at"\n/);
    const back = await cli.run(['detokenize'], { input: ids.text });
    expect(back.text).toBe(sample);
  });

  test('a file, - and nothing are the same; the tokenizer of a model is found in its folder', async () => {
    writeFileSync(join(cli.work, 'a.txt'), sample);
    const folder = join(cli.root, 'media', 'starter');
    const all = await Promise.all([
      cli.json<Tokens>(['tokenize', 'a.txt']),
      cli.json<Tokens>(['tokenize', '-'], { input: sample }),
      cli.json<Tokens>(['tokenize', '--tokenizer', join(folder, 'tokenizer.json')], { input: sample }),
      cli.json<Tokens>(['tokenize', '--model', folder], { input: sample }),
      cli.json<Tokens>(['tokenize', 'a.txt'], { env: { LLM_LOUPE_TOKENIZER: folder } }),
    ]);
    for (const each of all) expect(each.tokens).toEqual(all[0].tokens);
  });

  test('an empty text has no tokens', async () => {
    expect(await cli.json<Tokens>(['tokenize'])).toMatchObject({ count: 0, bytes: 0, tokens: [] });
    expect(await cli.run(['tokenize', '--ids'])).toMatchObject({ status: 0, text: '', stderr: '' });
  });

  test('special tokens count only with --special', async () => {
    const plain = await cli.json<Tokens>(['tokenize'], { input: '<bos>a' });
    const special = await cli.json<Tokens>(['tokenize', '--special'], { input: '<bos>a' });
    expect(plain.tokens.map(({ id }) => id)).not.toContain(2);
    expect(special.tokens.map(({ id }) => id)).toEqual([2, 4 + 97]);
  });

  test('bytes that are no text: given as bytes, text null, and back exactly', async () => {
    const input = Uint8Array.of(0x61, 0xff, 0xc3, 0x28, 0xe2, 0x82, 0x00, 0xf0, 0x9f, 0x98, 0x80);
    const { tokens, bytes } = await cli.json<Tokens>(['tokenize'], { input });
    expect(bytes).toBe(11);
    expect(tokens.flatMap((token) => token.bytes)).toEqual(Array.from(input));
    expect(tokens.find((token) => token.bytes[0] === 0xff)).toMatchObject({ text: null, start: 1, end: 2, byteStart: 1, byteEnd: 2 });
    // a, three bytes that are not UTF-8 around "(", two more, a zero byte, and a character of two UTF-16 units.
    expect(tokens.at(-1)!.end).toBe(9);
    const ids = await cli.run(['tokenize', '--ids'], { input });
    const back = await cli.run(['detokenize'], { input: ids.text });
    expect(Array.from(back.stdout)).toEqual(Array.from(input));
  });
});

describe('detokenize and merges', () => {
  test.each([['a'], ['-1'], ['1.5'], ['320'], ['99999999999999']])('"%s" is no id', async (word) => {
    const { status, text, stderr } = await cli.run(['detokenize'], { input: `4 5 ${word}` });
    expect([status, text]).toEqual([1, '']);
    expect(stderr).toBe(`llm-loupe: ${word} is not an id of this tokenizer: ids go from 0 to 319.\n`);
  });

  test('each step is one merge, lowest rank first, down to the tokens', async () => {
    interface Merges {
      start: number[];
      steps: { pair: [number, number]; merged: number; rank: number; at: number[]; tokens: number[] }[];
      entries: { id: number; text: string | null }[];
    }
    const { start, steps, entries } = await cli.json<Merges>(['merges', 'petit chat']);
    const texts = new Map(entries.map(({ id, text }) => [id, text]));
    expect(
      steps
        .at(-1)!
        .tokens.map((id) => texts.get(id))
        .join(''),
    ).toBe('petit chat');
    expect(start.map((id) => texts.get(id)).join('')).toBe('petit chat');
    const { tokens } = await cli.json<Tokens>(['tokenize'], { input: 'petit chat' });
    expect(start).toEqual(Array.from('petit chat', (c) => c.charCodeAt(0) + 4));
    expect(steps.at(-1)!.tokens).toEqual(tokens.map(({ id }) => id));
    let before = start;
    for (const { pair, merged, at, tokens } of steps) {
      for (const place of at) expect([before[place], before[place + 1]]).toEqual(pair);
      expect(tokens.length).toBe(before.length - at.length);
      expect(tokens).toContain(merged);
      before = tokens;
    }
    const lines = (await cli.run(['merges', 'petit chat'])).text.trim().split('\n');
    expect(lines[0]).toBe('start  "p" "e" "t" "i" "t" " " "c" "h" "a" "t"');
    expect(lines).toHaveLength(1 + steps.length);
  });
});

describe('merges and the panel', () => {
  test.each(['starter', 'o200k'])('agree to the last digit (%s)', async (tokenizer) => {
    const words = 'anticonstitutionnellement, naïve 🦊';
    const service = textService({ starter: join(cli.root, 'media', 'starter'), runs: null, assets: '', backend: 'cpu', threads: 1 });
    const context = { signal: new AbortController().signal, progress: () => undefined };
    const view = await service.merges({ text: words, tokenizer }, context);
    const printed = await cli.json<{ start: number[]; steps: unknown[] }>(['merges', words, '--tokenizer', tokenizer]);
    expect(printed.start).toEqual(Array.from(view.start));
    const film = encodingFilm({ ...view, entries: [] });
    const shown = film.steps.map(({ pair, merged, value, at }, i) => ({
      pair,
      merged,
      rank: value,
      at,
      tokens: film.sequence(i + 1).tokens,
    }));
    expect(printed.steps).toEqual(shown);
  });
});

describe('tokenizer train', () => {
  test('writes a tokenizer that tokenizes', async () => {
    mkdirSync(join(cli.work, 'texts'), { recursive: true });
    writeFileSync(join(cli.work, 'texts', 'a.txt'), story);
    const result = await cli.json<Record<string, number>>(['tokenizer', 'train', 'texts', '--vocab-size', '300', '--out', 'learnt']);
    expect(result).toMatchObject({ vocabSize: 300, merges: 40, bytes: Buffer.byteLength(story), stoppedEarly: false });
    for (const key of ['words', 'seconds', 'bytesPerToken']) expect(result[key]).toBeGreaterThan(0);
    expect(JSON.parse(readFileSync(join(cli.work, 'learnt', 'tokenizer.json'), 'utf8')).model.type).toBe('BPE');
    const { vocabSize, count } = await cli.json<Tokens>(['tokenize', 'texts/a.txt', '--tokenizer', 'learnt']);
    expect(vocabSize).toBe(300);
    expect(Buffer.byteLength(story) / count).toBeCloseTo(result.bytesPerToken!, 5);
    expect(await cli.json(['info', 'learnt/tokenizer.json'])).toEqual({ kind: 'tokenizer', name: 'learnt', vocabSize: 300 });
  });

  test('says when there is nothing more to merge', async () => {
    writeFileSync(join(cli.work, 'small.txt'), 'abab abab');
    const { status, text, stderr } = await cli.run(['tokenizer', 'train', 'small.txt', '--vocab-size', '500', '--out', 'small']);
    expect([status, stderr]).toEqual([0, 'Stopped at 262 entries: no pair of tokens occurs twice any more.\n']);
    expect(text).toContain('262 entries (2 merges)');
    const quiet = await cli.run(['tokenizer', 'train', 'small.txt', '--vocab-size', '500', '--out', 'small', '--quiet']);
    expect(quiet).toMatchObject({ status: 0, stderr: '' });
  });
});

describe('what cannot be done is said in one line', () => {
  beforeAll(() => {
    writeFileSync(join(cli.work, 'broken.json'), '{"model": ');
    writeFileSync(join(cli.work, 'other.json'), '{"model": {"type": "Poem"}}');
    writeFileSync(join(cli.work, 'empty.txt'), '');
    writeFileSync(join(cli.work, 'file'), 'x');
    mkdirSync(join(cli.work, 'nothing'), { recursive: true });
  });

  test.each([
    [['tokenize', 'missing.txt'], 'missing.txt does not exist'],
    [['tokenize', 'nothing'], 'it is a folder'],
    [['tokenize', '--tokenizer', 'gpt3'], 'There is no tokenizer called "gpt3"'],
    [['tokenize', '--tokenizer', './missing'], 'missing'],
    [['tokenize', '--tokenizer', 'broken.json'], 'broken.json'],
    [['tokenize', '--tokenizer', 'other.json'], 'other.json'],
    [['tokenize', '--tokenizer', 'nothing'], 'nothing'],
    [['info', 'missing'], 'missing does not exist'],
    [['tokenizer', 'train', 'missing', '--vocab-size', '300', '--out', 'x'], 'missing does not exist'],
    [['tokenizer', 'train', 'empty.txt', '--vocab-size', '300', '--out', 'x'], 'No file to train on'],
    [['tokenizer', 'train', 'nothing', '--vocab-size', '300', '--out', 'x'], 'No file to train on'],
    [['tokenizer', 'train', 'broken.json', '--vocab-size', '300', '--out', 'file/x'], 'file/x'],
  ])('%j', async (args, message) => {
    const { status, text, stderr } = await cli.run(args);
    expect([status, text]).toEqual([1, '']);
    expect(stderr).toMatch(oneLine);
    expect(stderr).toContain(message);
  });

  test('--debug shows where it came from', async () => {
    const { status, stderr } = await cli.run(['tokenize', 'missing.txt', '--debug']);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^llm-loupe: .*\n.*LoupeError.*\n +at /);
  });

  test.skipIf(process.getuid?.() === 0 || process.platform === 'win32')('a folder that may not be written', async () => {
    mkdirSync(join(cli.work, 'locked'));
    chmodSync(join(cli.work, 'locked'), 0o500);
    const { status, stderr } = await cli.run(['tokenizer', 'train', 'file', '--vocab-size', '300', '--out', 'locked/x']);
    expect([status, stderr]).toEqual([1, expect.stringContaining('No permission to write')]);
  });
});

test.skipIf(process.platform === 'win32')('a closed pipe ends quietly', async () => {
  writeFileSync(join(cli.work, 'long.txt'), story.repeat(20));
  const child = cli.start(['tokenize', 'long.txt']);
  let stderr = '';
  child.stderr!.on('data', (chunk) => {
    stderr += chunk;
  });
  child.stdout!.once('data', () => child.stdout!.destroy());
  const status = await new Promise((resolve) => child.on('close', resolve));
  expect([status, stderr]).toEqual([0, '']);
});
