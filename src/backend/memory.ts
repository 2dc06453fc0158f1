/**
 * Running out of memory, said instead of suffered. Where stock wasm gets no memory for a tensor, or is asked for more than
 * fits into 32 bits, it goes on all the same: it overwrites itself and ends with "table index is out of bounds", or with wrong numbers.
 */
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { LoupeError } from '../core/errors';
import * as tf from '../core/tf';

/** Bytes that WebAssembly can address. */
export const addressableBytes = 4 * 2 ** 30;

interface Emscripten {
  /** 0 where there is no memory. */
  _malloc(bytes: number): number;
  _free(at: number): void;
  readonly HEAPU8: Uint8Array;
}

/** From now on an allocation that fails throws `memory.notEnough`; what was allocated before stays usable. */
export function installMemoryCheck(): void {
  const wasm = (tf.backend() as BackendWasm).wasm as unknown as Emscripten;
  // The first call replaces a stub by the function itself.
  wasm._free(wasm._malloc(1));
  const allocate = wasm._malloc;
  wasm._malloc = (bytes) => {
    const at = bytes < addressableBytes ? allocate(bytes) : 0;
    if (at !== 0 || bytes === 0) return at;
    const held = wasm.HEAPU8.length;
    const need = held + bytes;
    const megabytes = (count: number) => Math.ceil(count / 2 ** 20);
    // Below what can be addressed it is the system that has no more.
    throw new LoupeError('memory.notEnough', {
      need: megabytes(need),
      limit: megabytes(need > addressableBytes ? addressableBytes : held),
    });
  };
}
