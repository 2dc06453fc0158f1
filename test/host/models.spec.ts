/** What becomes the active model, with the real engine. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Engine } from '../../src/client/engine';
import { usableModel } from '../../src/host/models/usable';
import { temporaryFolder } from '../engine/folders';
import { buildRealms, openEngine, repository, writeTinyModel } from '../engine/realms';

const folder = join(temporaryFolder(), 'mine');
let engine: Engine;

beforeAll(async () => {
  await writeTinyModel(folder);
  engine = openEngine({ realms: await buildRealms('text', 'inspect'), starter: join(repository, 'media', 'starter') });
});

test('a folder without a tokenizer, or with a broken one, is refused before any view fails on it', async () => {
  expect((await usableModel(engine.inspect, folder, 'mine')).tokenizer).not.toBeNull();
  writeFileSync(join(folder, 'tokenizer.json'), '{"model": ');
  await expect(usableModel(engine.inspect, folder, 'mine')).rejects.toMatchObject({ code: 'tokenizer.badFile' });
  rmSync(join(folder, 'tokenizer.json'));
  await expect(usableModel(engine.inspect, folder, 'mine')).rejects.toMatchObject({
    code: 'model.noTokenizer',
    message: `tokenizer.json is missing: "mine" can read no text without it. Put it into the folder (${folder}).`,
  });
});
