/** What ships as the starter model is what its card describes: names, digests, and figures that are computed again. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { corpora, heldOut, root } from '../../scripts/starter/corpus.mjs';
import { beginning, bitsPerByte, inductionScores, type Judged, openModel } from '../../scripts/starter/score';
import { parseConfig } from '../../src/core/formats/huggingFace';
import { parseSafetensors } from '../../src/core/formats/safetensors';
import { parameterCount } from '../../src/core/model/account';

const folder = join(dirname(fileURLToPath(import.meta.url)), '../../media/starter');
const told = join(root, 'docs', 'starter');
const weights = readFileSync(join(folder, 'model.safetensors'));
const card = readFileSync(join(folder, 'README.md'), 'utf8');
const config = parseConfig(readFileSync(join(folder, 'config.json')), 'config.json');

interface Figures {
  readonly seed: number;
  readonly heldOut: Record<'french' | 'english' | 'typescript', Record<string, number>>;
  readonly induction: {
    readonly sequences: number;
    readonly drawn: number;
    readonly best: readonly [{ readonly layer: number; readonly head: number; readonly score: number }];
  };
  readonly continued: Record<string, number>;
  readonly failures: readonly string[];
}
const figures = JSON.parse(readFileSync(join(told, 'figures.json'), 'utf8')) as Figures;
const languages = ['french', 'english', 'typescript'] as const;

describe('the card', () => {
  test('names the digest, the size and the licences of what the model learnt from', () => {
    expect(card).toContain(createHash('sha256').update(weights).digest('hex'));
    expect(card).toContain(`${(parameterCount(config) / 1e6).toFixed(2)} M, stored as f16`);
    const packages = [...card.matchAll(/^\| `[^`]+` \| [^|]+ \| ([^|]+) \| \d+ \|$/gm)];
    expect(packages.length).toBeGreaterThan(30);
    for (const [, licence] of packages) expect(licence).toMatch(/MIT|ISC|0BSD|BSD|Apache-2\.0|BlueOak|CC0/);
  });

  test('tells the figures that were measured, and they are those of a model that may ship', () => {
    const bits = (value: number | undefined) => (value ?? Number.NaN).toFixed(3);
    for (const language of languages) {
      const { starter, '5-gram': counter, gzip, xz } = figures.heldOut[language];
      expect(card).toContain(`| **${bits(starter)}** | ${bits(counter)} |`);
      expect(card).toContain(`| ${bits(gzip)} | ${bits(xz)} |`);
      expect(starter).toBeLessThan(counter!);
    }
    const { best } = figures.induction;
    expect(card).toContain(`**${bits(best[0].score)}**`);
    expect(best[0].score).toBeGreaterThanOrEqual(0.5);
    const { after, '3-gram': own } = figures.continued;
    expect(card).toContain(`**${bits(after)}**`);
    expect(after).toBeLessThan(own!);
    expect(figures.failures).toEqual([]);
  });

  test('agrees with the log of the training', () => {
    const log = readFileSync(join(told, 'log.jsonl'), 'utf8').trim().split('\n');
    const events = log.map((line) => JSON.parse(line) as { type: string; steps: number; digest: string; parameters: number });
    const last = (type: string) => events.findLast((event) => event.type === type);
    expect(card).toContain(last('manifest')?.digest);
    expect(last('start')?.parameters).toBe(parameterCount(config));
    expect(last('done')?.steps).toBe(last('start')?.steps);
  });
});

describe('the model', () => {
  let model: Judged;
  beforeAll(async () => {
    model = await openModel(folder, join(root, 'build', 'assets'));
  });

  test.runIf(existsSync(corpora))('needs as many bits for the beginnings of the held-out texts as was measured', async () => {
    for (const [language, text] of Object.entries(heldOut())) {
      const bits = await bitsPerByte(model, [beginning(text)]);
      expect(bits).toBeCloseTo(figures.heldOut[language as (typeof languages)[number]].beginning!, 3);
    }
  });

  test('has an induction head where the card says', async () => {
    const [found] = await inductionScores(model, figures.seed);
    const [told] = figures.induction.best;
    expect(found).toMatchObject({ layer: told.layer, head: told.head });
    expect(found!.score).toBeCloseTo(told.score, 3);
  });

  test('is f16, complete and finite in number, and has the tokenizer of its embedding', () => {
    const { tensors } = parseSafetensors(weights, 'model.safetensors');
    expect(new Set([...tensors.values()].map(({ dtype }) => dtype))).toEqual(new Set(['F16']));
    const elements = [...tensors.values()].reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
    expect(elements).toBe(parameterCount(config));
    expect(model.tokenizer.vocabSize).toBe(config.vocabSize);
  });

  test('ships with nothing else', () => {
    expect(readdirSync(folder).sort()).toEqual([
      'README.md',
      'config.json',
      'generation_config.json',
      'model.safetensors',
      'tokenizer.json',
      'tokenizer_config.json',
    ]);
    expect(statSync(join(folder, 'model.safetensors')).size).toBeLessThan(6.5e6);
  });
});
