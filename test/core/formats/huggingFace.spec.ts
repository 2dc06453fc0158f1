import '@tensorflow/tfjs-backend-cpu';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LoupeError } from '../../../src/core/errors';
import { modelFiles, parseConfig, type ReadFile, readModel, readStoredModel } from '../../../src/core/formats/huggingFace';
import { floatTensor, parseSafetensors, type StoredTensor, writeSafetensors } from '../../../src/core/formats/safetensors';
import type { ModelConfig } from '../../../src/core/model/config';
import { disposeParameters, initialise, readParameters } from '../../../src/core/model/parameters';
import * as tf from '../../../src/core/tf';

const config: ModelConfig = {
  vocabSize: 12,
  dModel: 8,
  nLayers: 2,
  nHeads: 2,
  nKvHeads: 1,
  headDim: 6,
  dFf: 10,
  contextLength: 16,
  ropeTheta: 500000,
  normEps: 1e-5,
  tieEmbeddings: true,
  bosId: 2,
  eosId: 3,
};
const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const directory =
  (files: ReadonlyMap<string, Uint8Array>): ReadFile =>
  async (name) =>
    files.get(name);

async function code(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    expect(error).toBeInstanceOf(LoupeError);
    return `${(error as LoupeError).code} ${(error as LoupeError).message}`;
  }
  throw new Error('nothing was thrown');
}

describe('config.json', () => {
  const llama = {
    architectures: ['LlamaForCausalLM'],
    hidden_size: 64,
    intermediate_size: 172,
    num_hidden_layers: 5,
    num_attention_heads: 8,
    num_key_value_heads: 4,
    max_position_embeddings: 512,
    rms_norm_eps: 1e-5,
    vocab_size: 512,
    bos_token_id: 1,
    eos_token_id: [2, 7],
    tie_word_embeddings: true,
  };
  const expected: ModelConfig = {
    vocabSize: 512,
    dModel: 64,
    nLayers: 5,
    nHeads: 8,
    nKvHeads: 4,
    headDim: 8,
    dFf: 172,
    contextLength: 512,
    ropeTheta: 10000,
    normEps: 1e-5,
    tieEmbeddings: true,
    bosId: 1,
    eosId: 2,
  };
  const read = (changes: object) => parseConfig(json({ ...llama, ...changes }), 'config.json');

  it('reads what transformers 4 wrote', () => {
    expect(read({ rope_theta: 10000.0, rope_scaling: null, torch_dtype: 'float32' })).toEqual(expected);
  });

  it('reads what transformers 5 writes', () => {
    const rope_parameters = { rope_theta: 250000, rope_type: 'default' };
    expect(read({ rope_parameters, dtype: 'bfloat16', head_dim: 16 })).toEqual({ ...expected, ropeTheta: 250000, headDim: 16 });
  });

  it('takes the defaults of transformers for what is absent', () => {
    const { num_key_value_heads: _, tie_word_embeddings: __, bos_token_id: ___, eos_token_id: ____, rms_norm_eps: _____, ...rest } = llama;
    const read = parseConfig(json(rest), 'config.json');
    expect(read).toMatchObject({ nKvHeads: 8, tieEmbeddings: false, normEps: 1e-6, ropeTheta: 10000 });
    expect('bosId' in read || 'eosId' in read).toBe(false);
  });

  it('reads Mistral, as far as its window goes', () => {
    const mistral = { architectures: ['MistralForCausalLM'], model_type: 'mistral' };
    expect(read({ ...mistral, sliding_window: null }).contextLength).toBe(512);
    expect(read({ ...mistral, sliding_window: 4096 }).contextLength).toBe(512);
    expect(read({ ...mistral, sliding_window: 128 }).contextLength).toBe(128);
  });

  it.each([
    [{ architectures: ['GPT2LMHeadModel'] }, 'model.unsupported'],
    [{ architectures: undefined, model_type: 'phi3' }, 'model.unsupported'],
    [{ rope_scaling: { rope_type: 'llama3', factor: 8 } }, 'model.unsupportedPart'],
    [{ rope_scaling: { type: 'linear', factor: 2 } }, 'model.unsupportedPart'],
    [{ hidden_act: 'gelu' }, 'model.unsupportedPart'],
    [{ attention_bias: true }, 'model.unsupportedPart'],
    [{ mlp_bias: true }, 'model.unsupportedPart'],
    [{ quantization_config: { quant_method: 'gptq' } }, 'model.unsupportedPart'],
    [{ partial_rotary_factor: 0.5 }, 'model.unsupportedPart'],
    [{ hidden_size: undefined }, 'model.badConfig'],
    [{ hidden_size: '64' }, 'model.badConfig'],
    [{ vocab_size: 0 }, 'model.badConfig'],
    [{ num_hidden_layers: 1.5 }, 'model.badConfig'],
    [{ num_hidden_layers: 1e15 }, 'model.badConfig'],
    [{ vocab_size: 2 ** 22 }, 'model.badConfig'],
    [{ num_key_value_heads: 3 }, 'model.badConfig'],
    [{ num_attention_heads: 6 }, 'model.badConfig'],
    [{ head_dim: 7 }, 'model.badConfig'],
    [{ rope_theta: 'ten' }, 'model.badConfig'],
    [{ rms_norm_eps: 0 }, 'model.badConfig'],
  ])('refuses %j', async (changes, expectedCode) => {
    expect(await code(() => read(changes))).toContain(expectedCode);
  });

  it('says in plain words what of a model it cannot compute', async () => {
    expect(await code(() => read({ rope_scaling: { rope_type: 'llama3', factor: 8 } }))).toContain(
      'Not supported yet: scaled RoPE (rope_type: "llama3" in config.json). Loupe runs Llama and Mistral models without it.',
    );
    expect(await code(() => read({ attention_bias: true }))).toContain('biases in attention (attention_bias: true in config.json)');
  });

  it('reads or refuses anything, never crashes', () => {
    const keys = [
      ...Object.keys(llama),
      'model_type',
      'head_dim',
      'rope_theta',
      'rope_parameters',
      'rope_scaling',
      'sliding_window',
      'hidden_act',
    ];
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...keys), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 }), (changes) => {
        try {
          const { nHeads, nKvHeads, headDim } = read(changes);
          expect(nHeads % nKvHeads).toBe(0);
          expect(headDim % 2).toBe(0);
        } catch (error) {
          expect(error).toBeInstanceOf(LoupeError);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('refuses what is not JSON', async () => {
    expect(await code(() => parseConfig(new TextEncoder().encode('{'), 'a/config.json'))).toMatch(/^file.broken .*a\/config.json/);
    expect(await code(() => parseConfig(json([]), 'config.json'))).toContain('not a JSON object');
  });
});

describe('a Hugging Face directory', () => {
  it('gives back the parameters, whatever the dtype can hold', async () => {
    for (const dtype of ['F32', 'F16', 'BF16'] as const) {
      const params = initialise({ ...config, tieEmbeddings: dtype !== 'F16' }, 7);
      const given = await readParameters(params);
      const files = await modelFiles(params, { dtype });
      const loaded = await readModel(directory(files), '/model');
      expect(loaded.config).toEqual(params.config);
      expect(loaded.dtype).toBe(dtype);
      const stored = parseSafetensors(files.get('model.safetensors')!, 'x');
      expect(stored.metadata.format).toBe('pt');
      expect(stored.tensors.has('lm_head.weight')).toBe(dtype === 'F16');
      const tolerance = { F32: 0, F16: 2 ** -11, BF16: 2 ** -8 }[dtype];
      for (const [name, { data }] of await readParameters(loaded.params)) {
        given.get(name)!.data.forEach((value, i) => {
          if (Math.abs(value - data[i]!) > tolerance * Math.abs(value) + (dtype === 'F16' ? 2 ** -25 : 0))
            expect(data[i], name).toBe(value);
        });
      }
      // What was narrowed once stays as it is.
      expect(await modelFiles(loaded.params, { dtype })).toEqual(files);
      disposeParameters(params);
      disposeParameters(loaded.params);
    }
    expect(tf.memory().numTensors).toBe(0);
  });

  it('reads shards, and nothing that the index places elsewhere', async () => {
    const params = initialise(config, 1);
    const files = await modelFiles(params);
    const { tensors } = parseSafetensors(files.get('model.safetensors')!, 'x');
    const first: [string, StoredTensor][] = [];
    const second: [string, StoredTensor][] = [['model.norm.weight', floatTensor(new Float32Array(8), [8])]];
    const weight_map: Record<string, string> = {};
    for (const [name, tensor] of tensors) {
      const early = name === 'model.norm.weight' || name.includes('.0.');
      (early ? first : second).push([name, tensor]);
      weight_map[name] = early ? 'model-00001-of-00002.safetensors' : 'model-00002-of-00002.safetensors';
    }
    const sharded = new Map<string, Uint8Array>([
      ['config.json', files.get('config.json')!],
      ['model.safetensors.index.json', json({ metadata: { total_size: 1 }, weight_map })],
      ['model-00001-of-00002.safetensors', writeSafetensors(new Map(first))],
      ['model-00002-of-00002.safetensors', writeSafetensors(new Map(second))],
    ]);
    const stored = await readStoredModel(directory(sharded), '/m');
    expect(new Map([...stored.tensors].sort())).toEqual(new Map([...tensors].sort()));

    const without = new Map(sharded);
    without.delete('model-00002-of-00002.safetensors');
    expect(await code(() => readStoredModel(directory(without), '/m'))).toContain('file.notFound /m/model-00002');
    const outside = new Map(sharded).set('model.safetensors.index.json', json({ weight_map: { a: '../b.safetensors' } }));
    expect(await code(() => readStoredModel(directory(outside), '/m'))).toContain('file.broken');
    const lacking = new Map(sharded).set(
      'model.safetensors.index.json',
      json({ weight_map: { ...weight_map, a: weight_map['model.norm.weight'] } }),
    );
    expect(await code(() => readStoredModel(directory(lacking), '/m'))).toContain('model.missingTensor');
    disposeParameters(params);
  });

  it('says what is missing or out of place', async () => {
    const params = initialise(config, 1);
    const files: ReadonlyMap<string, Uint8Array> = await modelFiles(params);
    const { tensors } = parseSafetensors(files.get('model.safetensors')!, 'x');
    const changed = (change: (map: Map<string, StoredTensor>) => void) => {
      const map = new Map(tensors);
      change(map);
      return directory(new Map(files).set('model.safetensors', writeSafetensors(map)));
    };
    const before = tf.memory().numTensors;
    expect(await code(() => readModel(directory(new Map()), '/m'))).toContain('model.notFound');
    expect(await code(() => readModel(directory(new Map([...files].slice(0, 1))), '/m'))).toContain('model.notFound');
    expect(
      await code(() =>
        readModel(
          changed((map) => map.delete('model.norm.weight')),
          '/m',
        ),
      ),
    ).toContain('model.missingTensor');
    const wrong = floatTensor(new Float32Array(4), [4]);
    expect(
      await code(() =>
        readModel(
          changed((map) => map.set('model.norm.weight', wrong)),
          '/m',
        ),
      ),
    ).toContain('model.badShape');
    const bias = 'model.layers.0.self_attn.q_proj.bias';
    expect(
      await code(() =>
        readModel(
          changed((map) => map.set(bias, wrong)),
          '/m',
        ),
      ),
    ).toContain(bias);
    const integers = { dtype: 'U8', shape: [8], bytes: new Uint8Array(8) } as const;
    expect(
      await code(() =>
        readModel(
          changed((map) => map.set('model.norm.weight', integers)),
          '/m',
        ),
      ),
    ).toContain('file.broken');
    expect(tf.memory().numTensors).toBe(before);

    // What old files carry along is no error.
    const old = await readModel(
      changed((map) => map.set('model.layers.0.self_attn.rotary_emb.inv_freq', wrong).set('lm_head.weight', wrong)),
      '/m',
    );
    disposeParameters(old.params);
    disposeParameters(params);
  });
});
