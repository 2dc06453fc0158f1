/** What ships as the starter model is what its card describes. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parseConfig } from '../../src/core/formats/huggingFace';
import { parseSafetensors } from '../../src/core/formats/safetensors';
import { parameterCount } from '../../src/core/model/account';
import { parseTokenizerJson } from '../../src/core/tokenizer/load';

const folder = join(dirname(fileURLToPath(import.meta.url)), '../../media/starter');
const weights = readFileSync(join(folder, 'model.safetensors'));
const card = readFileSync(join(folder, 'README.md'), 'utf8');
const config = parseConfig(readFileSync(join(folder, 'config.json')), 'config.json');

test('its card names its digest, its size and the licences of what it learnt from', () => {
  expect(card).toContain(createHash('sha256').update(weights).digest('hex'));
  expect(card).toContain(`${(parameterCount(config) / 1e6).toFixed(2)} M, stored as f16`);
  const packages = [...card.matchAll(/^\| `[^`]+` \| [^|]+ \| ([^|]+) \| \d+ \|$/gm)];
  expect(packages.length).toBeGreaterThan(30);
  for (const [, licence] of packages) expect(licence).toMatch(/MIT|ISC|BSD|Apache-2\.0|BlueOak|CC0/);
});

test('its weights are f16, complete and finite in number', () => {
  const { tensors } = parseSafetensors(weights, 'model.safetensors');
  expect(new Set([...tensors.values()].map(({ dtype }) => dtype))).toEqual(new Set(['F16']));
  const elements = [...tensors.values()].reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  expect(elements).toBe(parameterCount(config));
});

test('its tokenizer has the size that its embedding has', async () => {
  const tokenizer = await parseTokenizerJson(readFileSync(join(folder, 'tokenizer.json'), 'utf8'), 'starter');
  expect(tokenizer.vocabSize).toBe(config.vocabSize);
});

test('nothing but the model ships with it', () => {
  expect(readdirSync(folder).sort()).toEqual([
    'README.md',
    'config.json',
    'generation_config.json',
    'model.safetensors',
    'tokenizer.json',
    'tokenizer_config.json',
  ]);
  expect(statSync(join(folder, 'model.safetensors')).size).toBeLessThan(2.5e6);
});
