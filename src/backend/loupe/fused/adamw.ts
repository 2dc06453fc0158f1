/** The optimiser over all parameters in one call: a table tells the kernels where the pieces are. */
import type * as tf from '../../../core/tf';
import type { LoupeBackend } from '../backend';
import { kernel, sizeOf } from '../registry';

/** Elements of a unit: a piece of one parameter. */
const piece = 16_384;
/** Words of an entry. As in `../../assembly/fused/adamw.ts`. */
const entryWords = 6;

interface Parameter {
  readonly size: number;
  /** Addresses. */
  readonly weight: number;
  readonly gradient: number;
  readonly first: number;
  readonly second: number;
  /** What decay leaves of a weight. */
  readonly kept: number;
}

/** Writes the table and hands its address and its number of entries to `work`. */
function withTable<T>(backend: LoupeBackend, parameters: readonly Parameter[], work: (table: number, units: number) => T): T {
  const units = parameters.reduce((sum, { size }) => sum + Math.ceil(size / piece), 0);
  const table = backend.allocate(units * entryWords * 4);
  const words = new Uint32Array(backend.buffer, table, units * entryWords);
  const floats = new Float32Array(words.buffer, table, words.length);
  let entry = 0;
  for (const { size, weight, gradient, first, second, kept } of parameters) {
    for (let from = 0; from < size; from += piece, entry += entryWords) {
      const at = from * 4;
      words.set([weight + at, gradient + at, first + at, second + at, Math.min(piece, size - from)], entry);
      floats[entry + 5] = kept;
    }
  }
  const result = work(table, units);
  backend.free(table);
  return result;
}

/** Inputs by any name. The sum of all squares, added up in f64: its two words, because f32 does not hold what squares of f32 add up to. */
kernel('LoupeSquaredNorm', ({ inputs, backend }) => {
  const parameters = Object.values(inputs).map((tensor) => ({
    size: sizeOf(tensor.shape),
    gradient: backend.address(tensor),
    ...{ weight: 0, first: 0, second: 0, kept: 1 },
  }));
  const out = backend.output([2], 'int32');
  withTable(backend, parameters, (table, units) => {
    const partials = backend.allocate(units * 8);
    backend.run('squaredNorm', units, [table, partials]);
    const sum = new Float64Array(backend.buffer, partials, units).reduce((before, x) => before + x, 0);
    backend.view(out).set(new Int32Array(Float64Array.of(sum).buffer));
    backend.free(partials);
  });
  return out;
});

/** Inputs weight0, gradient0, first0, second0, weight1 ...; weights and moments are changed in place. */
kernel('LoupeAdamW', ({ inputs, attrs, backend }) => {
  const { beta1, beta2, rate, correction, epsilon, scale, kept, decays } = attrs as Record<
    'beta1' | 'beta2' | 'rate' | 'correction' | 'epsilon' | 'scale' | 'kept',
    number
  > & { decays: readonly boolean[] };
  const parameters = decays.map((decay, i) => {
    const at = (name: string) => backend.address(inputs[`${name}${i}`] as tf.TensorInfo);
    return {
      size: sizeOf((inputs[`weight${i}`] as tf.TensorInfo).shape),
      ...{ weight: at('weight'), gradient: at('gradient'), first: at('first'), second: at('second') },
      kept: decay ? kept : 1,
    };
  });
  withTable(backend, parameters, (table, units) =>
    backend.run('adamW', units, [table], [beta1, 1 - beta1, beta2, 1 - beta2, rate, 1 / correction, epsilon, scale]),
  );
  decays.forEach((_, i) => {
    backend.packs.changed((inputs[`weight${i}`] as tf.TensorInfo).dataId);
  });
  return [];
});
