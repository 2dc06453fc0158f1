/** Weights that are kept as products read them: the same bits as when they are packed anew, gone when they change, no room that others need. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LoupeBackend } from '../../../src/backend/loupe/backend';
import { Heap } from '../../../src/backend/loupe/heap';
import { Packs } from '../../../src/backend/loupe/packs';
import { fused } from '../../../src/core/model/fused';
import { forward } from '../../../src/core/model/gpt';
import { disposeParameters, initialise } from '../../../src/core/model/parameters';
import { Rng } from '../../../src/core/rng';
import * as tf from '../../../src/core/tf';
import { AdamW } from '../../../src/core/train/adamw';
import { openTestBackend } from '../../support/backend';
import { tinyConfig } from '../../support/model';

const normals = (label: string, shape: [number, number]) =>
  tf.tensor2d(
    Rng.from(5)
      .split(label)
      .fillNormal(new Float32Array(shape[0] * shape[1]), 1),
    shape,
  );

describe('with the backend', () => {
  let backend: LoupeBackend;
  beforeAll(async () => {
    await openTestBackend('loupe', 2);
    backend = tf.backend() as LoupeBackend;
  });
  afterAll(() => openTestBackend('cpu').then(() => undefined));

  /** How often something was packed meanwhile. */
  function packed(work: () => void): number {
    let count = 0;
    backend.profile = (kernel) => {
      if (kernel === 'packPanels') count++;
    };
    work();
    backend.profile = null;
    return count;
  }

  test('a weight is packed twice, and then not again, with the same bits; gone with its tensor', () => {
    const used = backend.heap.usedBytes;
    const [x, w] = [normals('x', [70, 33]), normals('w', [45, 33])];
    const product = () => tf.tidy(() => fused('LoupeLinear')!({ x, w })[0]!.dataSync());
    const first = product();
    expect(packed(() => expect(product()).toEqual(first))).toBe(1);
    for (let i = 0; i < 3; i++) expect(packed(() => expect(product()).toEqual(first))).toBe(0);
    // The same numbers in another shape are other panels.
    const other = tf.reshape(w, [33, 45]) as tf.Tensor2D;
    const y = normals('y', [70, 45]);
    const expected = tf.tidy(() => tf.matMul(y, other, false, true).dataSync());
    for (let i = 0; i < 3; i++) expect(tf.tidy(() => fused('LoupeLinear')!({ x: y, w: other })[0]!.dataSync())).toEqual(expected);
    tf.dispose([x, w, other, y]);
    expect(backend.heap.usedBytes).toBe(used);
    expect(backend.heap.check()).toBeNull();
  });

  test('what the optimiser changes is packed anew', () => {
    const config = tinyConfig({ dModel: 16, dFf: 24 });
    const params = initialise(config, 3);
    const ids = Int32Array.from({ length: 8 }, (_, i) => i % config.vocabSize);
    const logits = () => tf.tidy(() => forward(params, ids).logits.dataSync().slice()) as Float32Array;
    for (let i = 0; i < 3; i++) logits();
    expect(packed(() => void logits())).toBe(0);
    const optimizer = new AdamW(params, { beta1: 0.9, beta2: 0.999, weightDecay: 0 });
    const gradients = new Map(Object.entries(params.weights).map(([name, weight]) => [name, tf.onesLike(weight.value())]));
    optimizer.apply(gradients, 1, 0.1, 1);
    tf.dispose([...gradients.values()]);
    const changed = logits();
    const copy = initialise(config, 3);
    for (const [name, weight] of Object.entries(copy.weights)) weight.assign(tf.clone(params.weights[name]!.value()));
    const fresh = tf.tidy(() => forward(copy, ids).logits.dataSync().slice());
    expect(changed).toEqual(fresh);
    optimizer.dispose();
    disposeParameters(params);
    disposeParameters(copy);
  });

  test('gives way where something else needs the room', () => {
    const [x, w] = [normals('x', [70, 33]), normals('w', [45, 33])];
    for (let i = 0; i < 2; i++) tf.dispose(fused('LoupeLinear')!({ x, w }));
    expect(backend.packs.find(w.dataId, '33 45 true')).toBeDefined();
    // More than there is: all that could be given back was, and the error is the honest one.
    expect(() => backend.allocate(5 * 2 ** 30)).toThrow(expect.objectContaining({ code: 'memory.notEnough' }));
    expect(backend.packs.find(w.dataId, '33 45 true')).toBeUndefined();
    tf.dispose([x, w]);
  });
});

test('keeps nothing where little is left, and never moves what is in use', () => {
  const heap = new Heap(new WebAssembly.Memory({ initial: 1, maximum: 64 }), 0, 64);
  const small = new Packs(heap);
  const weight = {};
  expect([small.keep(weight, 'a', 64), small.keep(weight, 'a', 64)]).toEqual([null, null]);
  const packs = new Packs(new Heap(new WebAssembly.Memory({ initial: 1, maximum: 65536 }), 0));
  expect(packs.keep(weight, 'a', 64)).toBeNull();
  const at = packs.keep(weight, 'a', 64);
  expect(packs.find(weight, 'a')).toBe(at);
  packs.holding(() => expect(packs.release()).toBe(false));
  expect(packs.find(weight, 'a')).toBe(at);
  expect(packs.release()).toBe(true);
  expect(packs.find(weight, 'a')).toBeUndefined();
});
