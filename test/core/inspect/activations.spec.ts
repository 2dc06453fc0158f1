import '@tensorflow/tfjs-backend-cpu';
import { afterAll, expect, it } from 'vitest';
import { parseSafetensors, tensorFloats, tensorIntegers } from '../../../src/core/formats/safetensors';
import { activations } from '../../../src/core/inspect/activations';
import { disposeParameters, initialise, weightOf } from '../../../src/core/model/parameters';
import * as tf from '../../../src/core/tf';

const config = {
  vocabSize: 20,
  dModel: 12,
  nLayers: 2,
  nHeads: 4,
  nKvHeads: 2,
  headDim: 6,
  dFf: 10,
  contextLength: 16,
  ropeTheta: 100,
  normEps: 1e-5,
  tieEmbeddings: true,
};
const params = initialise(config, 5);
afterAll(() => disposeParameters(params));
const ids = Int32Array.of(2, 7, 7, 4, 19);
const [T, D, H, K, d, F, V] = [5, 12, 4, 2, 6, 10, 20];

async function read(only?: string) {
  const { tensors } = parseSafetensors(await activations(params, ids, only), 'activations');
  const floats = (name: string) => tensorFloats(tensors.get(name)!, 'activations', name);
  return { tensors, floats };
}

it('writes every tensor that the command line promises, in its shape', async () => {
  const before = tf.memory().numTensors;
  const { tensors } = await read();
  expect(tf.memory().numTensors - before).toBeLessThanOrEqual(Object.keys(params.weights).length); // transposed weights stay
  const layer = {
    input: [T, D],
    attention_norm: [T, D],
    q: [H, T, d],
    k: [K, T, d],
    q_unrotated: [H, T, d],
    k_unrotated: [K, T, d],
    v: [K, T, d],
    scores: [H, T, T],
    pattern: [H, T, T],
    heads: [H, T, d],
    attention_output: [T, D],
    after_attention: [T, D],
    mlp_norm: [T, D],
    gate: [T, F],
    up: [T, F],
    mlp_hidden: [T, F],
    mlp_output: [T, D],
    output: [T, D],
  };
  const expected: Record<string, number[]> = { ids: [T], embedding: [T, D], logits: [T, V], final_norm: [T, D] };
  for (const at of [0, 1]) for (const [name, shape] of Object.entries(layer)) expected[`layers.${at}.${name}`] = shape;
  expect(Object.fromEntries([...tensors].map(([name, { shape }]) => [name, shape]))).toEqual(expected);
  expect(tensorIntegers(tensors.get('ids')!, 'x', 'ids')).toEqual([...ids]);
  for (const [name, { dtype }] of tensors) expect(dtype).toBe(name === 'ids' ? 'I32' : 'F32');
});

it('writes tensors that follow from each other', async () => {
  const { floats } = await read();
  const close = (actual: Float32Array, expected: number[]) => {
    expect(actual.length).toBe(expected.length);
    expected.forEach((value, i) => {
      expect(actual[i]).toBeCloseTo(value, 4);
    });
  };
  const add = (a: Float32Array, b: Float32Array) => Array.from(a, (value, i) => value + b[i]!);
  const [q, k, v] = [floats('layers.1.q'), floats('layers.1.k'), floats('layers.1.v')];
  const scores: number[] = [];
  const pattern: number[] = [];
  const heads: number[] = [];
  for (let head = 0; head < H; head++) {
    const kv = Math.floor(head / 2);
    for (let row = 0; row < T; row++) {
      const dots = Array.from({ length: T }, (_, column) => {
        let dot = 0;
        for (let i = 0; i < d; i++) dot += q[(head * T + row) * d + i]! * k[(kv * T + column) * d + i]!;
        return dot;
      });
      const exps = dots.map((dot, column) => (column <= row ? Math.exp(dot / Math.sqrt(d)) : 0));
      const total = exps.reduce((a, b) => a + b);
      scores.push(...dots);
      pattern.push(...exps.map((e) => e / total));
      for (let i = 0; i < d; i++) heads.push(exps.reduce((sum, e, column) => sum + (e / total) * v[(kv * T + column) * d + i]!, 0));
    }
  }
  close(floats('layers.1.scores'), scores);
  close(floats('layers.1.pattern'), pattern);
  close(floats('layers.1.heads'), heads);
  close(floats('layers.0.input'), [...floats('embedding')]);
  close(floats('layers.1.input'), [...floats('layers.0.output')]);
  close(floats('layers.1.after_attention'), add(floats('layers.1.input'), floats('layers.1.attention_output')));
  close(floats('layers.1.output'), add(floats('layers.1.after_attention'), floats('layers.1.mlp_output')));
  const gate = floats('layers.1.gate');
  const up = floats('layers.1.up');
  close(
    floats('layers.1.mlp_hidden'),
    Array.from(gate, (g, i) => (g / (1 + Math.exp(-g))) * up[i]!),
  );
  const norm = floats('final_norm');
  const table = weightOf(params, 'model.embed_tokens.weight').value().dataSync();
  close(
    floats('logits'),
    Array.from({ length: T * V }, (_, i) => {
      let dot = 0;
      for (let j = 0; j < D; j++) dot += norm[Math.floor(i / V) * D + j]! * table[(i % V) * D + j]!;
      return dot;
    }),
  );
});

it('writes only what the glob asks for', async () => {
  const names = async (only: string) => [...(await read(only)).tensors.keys()].sort();
  expect(await names('layers.1.q')).toEqual(['layers.1.q']);
  expect(await names('*.pattern')).toEqual(['layers.0.pattern', 'layers.1.pattern']);
  expect(await names('layers.?.q*')).toEqual(['layers.0.q', 'layers.0.q_unrotated', 'layers.1.q', 'layers.1.q_unrotated']);
  expect(await names('ids')).toEqual(['ids']);
  expect((await names('*')).length).toBe(4 + 2 * 18);
  await expect(activations(params, ids, 'layersX0.q')).rejects.toMatchObject({ code: 'activations.none' });
  await expect(activations(params, new Int32Array(17).fill(1))).rejects.toMatchObject({ code: 'text.tooLong' });
});
