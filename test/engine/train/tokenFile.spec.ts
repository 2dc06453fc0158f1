import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { TokenFile, TokenFileWriter } from '../../../src/engine/train/tokenFile';
import { temporaryFolder } from '../folders';

const root = temporaryFolder();

test.each([
  [65_536, 2],
  [65_537, 4],
] as const)('keeps ids below %i in %i bytes each', async (vocabSize, width) => {
  const path = join(root, `${vocabSize}.bin`);
  const ids = Uint32Array.from({ length: 200_000 }, (_, i) => (i * 7919) % vocabSize);
  const writer = await TokenFileWriter.create(path, vocabSize);
  await writer.write(ids.subarray(0, 3));
  await writer.write(ids.subarray(3));
  await writer.write([vocabSize - 1]);
  expect(writer.length).toBe(200_001);
  await writer.close();
  expect(statSync(path).size).toBe(200_001 * width);

  const file = TokenFile.open(path, writer.bytesPerId);
  expect(file.length).toBe(200_001);
  expect([...file.read(0, 5)]).toEqual([...ids.subarray(0, 5)]);
  expect([...file.read(131_070, 4)]).toEqual([...ids.subarray(131_070, 131_074)]);
  expect([...file.read(199_999, 10)]).toEqual([ids[199_999], vocabSize - 1]);
  file.close();
});

test('says where it cannot write or read', async () => {
  await expect(TokenFileWriter.create(join(root, 'absent', 'x'), 10)).rejects.toMatchObject({ code: 'file.notFound' });
  expect(() => TokenFile.open(join(root, 'absent'), 2)).toThrow('does not exist');
});

test.skipIf(!existsSync('/dev/full'))('says that the disk is full (skipped where the system has no device that always is)', async () => {
  const writer = await TokenFileWriter.create('/dev/full', 10);
  await writer.write([1, 2, 3]);
  await expect(writer.close()).rejects.toMatchObject({ code: 'file.diskFull', args: { path: '/dev/full' } });
});
