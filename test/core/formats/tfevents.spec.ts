/** Beside TensorBoard: the bytes that its own classes write (test/golden/tfevents.py), and, where Python has it, what it reads of ours. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type BoardEvent, boardFile, crc32c, maskedCrc } from '../../../src/core/formats/tfevents';

const at = (name: string) => fileURLToPath(new URL(`../../golden/${name}`, import.meta.url));
const golden = JSON.parse(readFileSync(at('tfevents.json'), 'utf8')) as { wallTime: number; events: BoardEvent[]; file: string };

test('writes what TensorBoard writes of the same events, byte for byte', () => {
  expect(Buffer.from(boardFile(golden.wallTime, golden.events)).toString('base64')).toBe(golden.file);
});

describe('CRC-32C', () => {
  const bytes = (make: (i: number) => number) => Uint8Array.from({ length: 32 }, (_, i) => make(i));
  // RFC 3720, B.4, and the check value of the Rocksoft model.
  test.each([
    ['zeros', bytes(() => 0), 0x8a9136aa],
    ['ones', bytes(() => 255), 0x62a8ab43],
    ['rising', bytes((i) => i), 0x46dd794e],
    ['falling', bytes((i) => 31 - i), 0x113fdb5c],
    ['123456789', new TextEncoder().encode('123456789'), 0xe3069283],
    ['nothing', new Uint8Array(), 0],
  ])('of %s', (_, data, crc) => {
    expect(crc32c(data)).toBe(crc);
    const rotated = BigInt(crc) * 2n ** 17n;
    expect(BigInt(maskedCrc(data))).toBe((((rotated | (BigInt(crc) >> 15n)) % 2n ** 32n) + 0xa282ead8n) % 2n ** 32n);
  });
});

/** Enough of protobuf to read a message back: fields by number, in order. */
function fields(bytes: Buffer): Map<number, (number | Buffer)[]> {
  const found = new Map<number, (number | Buffer)[]>();
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++]!;
      value += (byte % 128) * scale;
      if (byte < 128) return value;
    }
  };
  const take = (length: number) => {
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const key = varint();
    const read = { 0: varint, 1: () => take(8).readDoubleLE(), 2: () => take(varint()), 5: () => take(4).readFloatLE() }[key % 8];
    found.set(key >> 3, [...(found.get(key >> 3) ?? []), read!()]);
  }
  return found;
}

test('keeps what is not a number, large steps and long files', () => {
  const events: BoardEvent[] = Array.from({ length: 3000 }, (_, i) => ({
    wallTime: i / 8,
    step: i * 2 ** 30,
    scalars: { loss: i === 7 ? Number.NaN : i / 3 },
  }));
  const file = Buffer.from(boardFile(1, events));
  const messages: Buffer[] = [];
  for (let from = 0; from < file.length; ) {
    const length = Number(file.readBigUInt64LE(from));
    messages.push(file.subarray(from + 12, from + 12 + length));
    from += length + 16;
  }
  expect(messages.length).toBe(events.length + 1);
  expect(fields(messages[0]!).get(3)).toEqual([Buffer.from('brain.Event:2')]);
  messages.slice(1).forEach((message, i) => {
    const event = fields(message);
    const value = fields(fields(event.get(5)![0] as Buffer).get(1)![0] as Buffer);
    expect([event.get(1), event.get(2)]).toEqual([[i / 8], i === 0 ? undefined : [i * 2 ** 30]]);
    expect([value.get(1), value.get(2)]).toEqual([[Buffer.from('loss')], [i === 7 ? Number.NaN : Math.fround(i / 3)]]);
  });
});

test('TensorBoard reads it (skipped where Python has no tensorboard)', { timeout: 60_000 }, ({ skip }) => {
  const python = process.env.LOUPE_PYTHON ?? 'python3';
  const folder = mkdtempSync(join(tmpdir(), 'loupe-board-'));
  try {
    writeFileSync(join(folder, 'novels.tfevents'), boardFile(golden.wallTime, golden.events));
    const { status, stdout, stderr, error } = spawnSync(python, [at('tfevents.py'), 'read', folder], { encoding: 'utf8' });
    if (error) return skip(`${python} cannot be started (LOUPE_PYTHON may name another Python)`);
    if (status !== 0) throw new Error(stderr);
    const read = JSON.parse(stdout) as { missing: string } | { scalars: object; texts: object };
    if ('missing' in read) return skip(`${read.missing} (LOUPE_PYTHON may name another Python)`);
    const told = <Value>(of: (event: BoardEvent) => Readonly<Record<string, Value>> | undefined, kept: (value: Value) => unknown) => {
      const tags: Record<string, unknown[]> = {};
      for (const event of golden.events) {
        for (const [tag, value] of Object.entries(of(event) ?? {}))
          tags[tag] = [...(tags[tag] ?? []), [event.wallTime, event.step, kept(value)]];
      }
      return tags;
    };
    const scalars = told(({ scalars }) => scalars, Math.fround);
    const texts = told(
      ({ texts }) => texts,
      (text) => text,
    );
    expect(read).toEqual({ scalars, texts });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
