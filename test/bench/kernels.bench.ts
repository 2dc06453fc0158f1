/** Matrix products of training's shapes, on one thread and on two, against those of stock wasm in the same run. */
import type { LoupeBackend } from '../../src/backend/loupe/backend';
import { openBackend } from '../../src/backend/open';
import { Rng } from '../../src/core/rng';
import * as tf from '../../src/core/tf';
import type { BenchRow } from './lib/row';

const shapes = [
  [768, 128, 128],
  [768, 128, 352],
  [1020, 384, 384],
  [2040, 384, 1536],
] as const;
const rounds = 9;

/** What is timed: C = A . B; the gradient of A, C . B^T; the gradient of B, A^T . C. */
const forms = {
  'A B': (a: tf.Tensor2D, b: tf.Tensor2D) => tf.matMul(a, b),
  'A Bᵀ': (a: tf.Tensor2D, b: tf.Tensor2D) => tf.matMul(a, b, false, true),
  'Aᵀ B': (a: tf.Tensor2D, b: tf.Tensor2D) => tf.matMul(a, b, true, false),
};

export async function* rows({ assets }: { assets: string }): AsyncGenerator<BenchRow> {
  for (const [m, k, n] of shapes) {
    for (const [form, product] of Object.entries(forms)) {
      const flops = 2 * m * k * n;
      const repeats = Math.max(1, Math.round(1e8 / flops));
      const once = async (name: 'loupe' | 'wasm', threads: number) => {
        await openBackend({ name, assets, threads });
        const [a, b] = [numbers('a', form === 'Aᵀ B' ? [k, m] : [m, k]), numbers('b', form === 'A Bᵀ' ? [n, k] : [k, n])];
        product(a, b).dataSync(); // compiling, and pages of memory
        const slow = name === 'wasm' && form !== 'A B';
        const start = performance.now();
        for (let i = 0; i < (slow ? 1 : repeats); i++) product(a, b).dispose();
        if (name === 'loupe') (tf.backend() as LoupeBackend).pool.finish();
        const seconds = (performance.now() - start) / 1000 / (slow ? 1 : repeats);
        tf.dispose([a, b]);
        return flops / seconds / 1e9;
      };
      const speeds: [number, number, number][] = [];
      for (let round = 0; round < rounds; round++) {
        speeds.push([await once('loupe', 1), await once('loupe', 2), round < 3 ? await once('wasm', 1) : 0]);
      }
      const median = (index: 0 | 1 | 2, count = rounds) =>
        speeds
          .slice(0, count)
          .map((speed) => speed[index])
          .sort((x, y) => x - y)[count >> 1] as number;
      const peer = median(2, 3);
      for (const threads of [1, 2] as const) {
        const loupe = median((threads - 1) as 0 | 1);
        const name = `${form}, ${m} x ${k} x ${n}, ${threads === 1 ? 'one thread' : 'two threads'}`;
        yield { name, unit: 'GFLOP/s', loupe, peer, peerName: 'stock tfjs wasm', ratio: loupe / peer };
      }
    }
  }
}

function numbers(label: string, shape: [number, number]): tf.Tensor2D {
  return tf.tensor2d(
    Rng.from(3)
      .split(label)
      .fillUniform(new Float32Array(shape[0] * shape[1])),
    shape,
  );
}
