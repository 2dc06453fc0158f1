/**
 * Batched matrix products for stock wasm. Its own kernel uses the fast (XNNPACK) product for a single matrix and a plain
 * loop, five times slower, for a batch; attention is all batches. This one runs the fast product once per matrix, on
 * views into the same memory: nothing is copied. Everything else is passed on to the stock kernel.
 */
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '../core/tf';

type Product = (
  a: number,
  aShape: Uint8Array,
  aRank: number,
  b: number,
  bShape: Uint8Array,
  bRank: number,
  transposeA: boolean,
  transposeB: boolean,
  out: number,
) => void;

const signature = ['number', 'array', 'number', 'number', 'array', 'number', 'number', 'number', 'number'] as const;
interface Emscripten {
  cwrap(name: string, result: null, parameters: string[]): Product;
}

/** Ids of views are counted down from here; tensors of the backend count up from 1. */
const lastViewId = 2 ** 31 - 1;

let installed = false;

export function installBatchMatMul(): void {
  if (installed) return;
  installed = true;
  const stock = tf.getKernel('BatchMatMul', 'wasm');
  if (!stock) throw new Error('the wasm backend has no BatchMatMul');
  let product: Product | undefined;
  tf.unregisterKernel('BatchMatMul', 'wasm');
  tf.registerKernel({
    ...stock,
    kernelFunc: (args) => {
      const { a, b } = args.inputs as { a: tf.TensorInfo; b: tf.TensorInfo };
      const { transposeA, transposeB } = args.attrs as unknown as { transposeA: boolean; transposeB: boolean };
      const rank = a.shape.length;
      const batch = a.shape.slice(0, -2);
      const count = batch.reduce((product, size) => product * size, 1);
      const sameBatch = b.shape.length === rank && batch.every((size, axis) => size === b.shape[axis]);
      if (transposeA || transposeB || !sameBatch || count < 2 || a.shape[rank - 1] !== b.shape[rank - 2]) return stock.kernelFunc(args);
      const backend = args.backend as BackendWasm;
      const wasm = backend.wasm;
      product ??= (wasm as unknown as Emscripten).cwrap('BatchMatMul', null, [...signature]);
      const [rows, inner, columns] = [a.shape[rank - 2], a.shape[rank - 1], b.shape[rank - 1]] as [number, number, number];
      const out = backend.makeOutput([...batch, rows, columns], 'float32');
      const aShape = new Uint8Array(new Int32Array([1, rows, inner]).buffer);
      const bShape = new Uint8Array(new Int32Array([1, inner, columns]).buffer);
      const [aAt, bAt, outAt] = [a, b, out].map(({ dataId }) => backend.getMemoryOffset(dataId)) as [number, number, number];
      const [aId, bId, outId] = [lastViewId, lastViewId - 1, lastViewId - 2] as const;
      for (let i = 0; i < count; i++) {
        wasm.tfjs.registerTensor(aId, rows * inner, aAt + i * rows * inner * 4);
        wasm.tfjs.registerTensor(bId, inner * columns, bAt + i * inner * columns * 4);
        wasm.tfjs.registerTensor(outId, rows * columns, outAt + i * rows * columns * 4);
        product(aId, aShape, 3, bId, bShape, 3, false, false, outId);
        // Forgets the view and the packed copy that the product made of it; the memory itself is the tensor's.
        for (const id of [aId, bId, outId]) wasm.tfjs.disposeData(id);
      }
      return out;
    },
  });
}
