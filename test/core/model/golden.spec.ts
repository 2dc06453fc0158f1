/** Beside transformers and PyTorch: figures made by test/golden/llama.py, on models whose weights follow a formula. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ModelConfig } from '../../../src/core/model/config';
import { forward } from '../../../src/core/model/gpt';
import { disposeParameters, type Parameters, parameterSpecs, parametersFrom } from '../../../src/core/model/parameters';
import * as tf from '../../../src/core/tf';
import { AdamW } from '../../../src/core/train/adamw';
import { addGradients, type Gradients, globalNorm } from '../../../src/core/train/gradients';
import { openTestBackend } from '../../support/backend';
import { greatestDifference, tinyConfig } from '../../support/model';

interface Golden {
  readonly ids: number[];
  readonly targets: number[];
  readonly cases: Record<
    string,
    {
      readonly config: { num_attention_heads: number; num_key_value_heads: number; tie_word_embeddings: boolean; head_dim: number };
      readonly logits: number[];
      /** Embedding, output of the first layer, final norm of the last. */
      readonly hidden: [number[], number[], number[]];
      readonly patterns: number[][];
      readonly loss: number;
      readonly gradients: Record<string, number[]>;
      readonly gradNorm: number;
      readonly lossAfterStep: number;
    }
  >;
}
const golden = JSON.parse(readFileSync(new URL('../../golden/llama.json', import.meta.url), 'utf8')) as Golden;
const ids = Int32Array.from(golden.ids);
const batch = { inputs: [ids], targets: [Int32Array.from(golden.targets)] };

/** As in the script. */
function byFormula(config: ModelConfig): Parameters {
  const shapes = new Map(parameterSpecs(config).map(({ name, shape }) => [name, shape]));
  return parametersFrom(config, (name) => {
    const shape = shapes.get(name) as readonly number[];
    const start = [...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
    const size = shape.reduce((product, axis) => product * axis, 1);
    const data = Float32Array.from({ length: size }, (_, i) => {
      const wave = Math.sin(start + 0.7 * i);
      return shape.length === 1 ? 1 + 0.2 * wave : 0.4 * wave;
    });
    return { shape, dtype: 'f32', data };
  });
}

describe.each(['loupe', 'wasm', 'cpu'] as const)('beside transformers and PyTorch, on %s', (backend) => {
  beforeAll(() => openTestBackend(backend).then(() => undefined));

  test.each(Object.entries(golden.cases))('%s', async (_, expected) => {
    const {
      num_attention_heads: nHeads,
      num_key_value_heads: nKvHeads,
      head_dim: headDim,
      tie_word_embeddings: tieEmbeddings,
    } = expected.config;
    const params = byFormula(tinyConfig({ nHeads, nKvHeads, headDim, tieEmbeddings }));
    tf.tidy(() => {
      const { logits, taps } = forward(params, ids, { taps: 'all' });
      const close = (tensor: tf.Tensor | undefined, figures: number[]) =>
        expect(greatestDifference(tensor?.dataSync() ?? [], figures)).toBeLessThan(2e-5);
      close(logits, expected.logits);
      close(taps.global.embedding, expected.hidden[0]);
      close(taps.layers[0]?.output, expected.hidden[1]);
      close(taps.global.final_norm, expected.hidden[2]);
      expected.patterns.forEach((pattern, layer) => {
        close(taps.layers[layer]?.pattern, pattern);
      });
    });
    const gradients: Gradients = new Map();
    expect(await addGradients(params, batch, gradients, 1, null)).toBeCloseTo(expected.loss, 5);
    expect([...gradients.keys()].sort()).toEqual(Object.keys(expected.gradients).sort());
    for (const [name, values] of gradients)
      expect(greatestDifference(values.dataSync(), expected.gradients[name] ?? []), name).toBeLessThan(2e-5);
    const norm = globalNorm(gradients);
    expect(norm).toBeCloseTo(expected.gradNorm, 4);
    const optimizer = new AdamW(params, { beta1: 0.9, beta2: 0.99, weightDecay: 0.1 });
    optimizer.apply(gradients, 1, 1e-2, Math.min(1, 0.5 / (norm + 1e-6)));
    expect(await addGradients(params, batch, new Map(), 1, null)).toBeCloseTo(expected.lossAfterStep, 4);
    disposeParameters(params);
  });
});
