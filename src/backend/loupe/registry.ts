/**
 * How an op of ours meets tfjs. A file of `stock/` or `fused/` calls `kernel(name, compute)` for each op it has; tfjs finds
 * them by name for the backend "loupe". An op that no file has fails by its name.
 */
import { LoupeError } from '../../core/errors';
import * as tf from '../../core/tf';
import type { LoupeBackend } from './backend';

export const backendName = 'loupe';

export interface Call {
  readonly inputs: Readonly<Record<string, tf.TensorInfo>>;
  // biome-ignore lint/suspicious/noExplicitAny: the attributes of an op are as its definition in tfjs says.
  readonly attrs: any;
  readonly backend: LoupeBackend;
}

/**
 * Registers what computes an op. `inputs` hold handles: `backend.address(x)` is where its numbers are, `backend.output(shape)`
 * makes a result (its contents are whatever was there), `backend.run(kernel, units, ints, floats)` does the work;
 * `backend.allocate(bytes)` and `backend.free(address)` are for what lives only as long as the call.
 */
export function kernel(name: string, compute: (call: Call) => tf.TensorInfo | tf.TensorInfo[]): void {
  tf.registerKernel({
    kernelName: name,
    backendName,
    kernelFunc: ({ inputs, attrs, backend: any }) => {
      const backend = any as LoupeBackend;
      const before = backend.born;
      try {
        return compute({ inputs: inputs as Record<string, tf.TensorInfo>, attrs, backend });
      } catch (error) {
        // Out of memory, mostly: what was made so far belongs to nobody.
        backend.forgetSince(before);
        throw error;
      }
    },
  });
}

/** For what an op of ours does not do: it fails by its name. */
export function lacks(what: string): LoupeError {
  return new LoupeError('internal', { detail: `the backend loupe has no ${what}` });
}

export function sizeOf(shape: readonly number[]): number {
  let size = 1;
  for (const axis of shape) size *= axis;
  return size;
}
