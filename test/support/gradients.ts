/** Central differences against written gradients. f32 gives about three digits, so the probes are random directions over whole tensors. */
import { expect } from 'vitest';
import { Rng } from '../../src/core/rng';
import * as tf from '../../src/core/tf';

/** A tensor of normals, the same for the same label. */
export function normals(label: string, shape: number[], deviation = 1): tf.Tensor {
  const size = shape.reduce((product, axis) => product * axis, 1);
  return tf.tensor(Rng.from(99).split(label).fillNormal(new Float32Array(size), deviation), shape);
}

/**
 * Checks d f / d input for every input, f being reduced to a number by a fixed random weighting. Each entry is probed, or
 * `directions` random directions where given (for large inputs).
 */
export function expectGradients(
  f: (inputs: tf.Tensor[]) => tf.Tensor,
  inputs: tf.Tensor[],
  { h = 1e-2, tolerance = 2e-3, directions = 0 }: { h?: number; tolerance?: number; directions?: number } = {},
): void {
  tf.tidy(() => {
    const shape = f(inputs).shape;
    const weighting = normals('weighting', shape);
    const scalar = (at: tf.Tensor[]) => tf.sum(tf.mul(f(at), weighting)) as tf.Scalar;
    const gradients = tf.grads((...at: tf.Tensor[]) => scalar(at))(inputs);
    inputs.forEach((input, index) => {
      const gradient = (gradients[index] as tf.Tensor).dataSync<'float32'>();
      expect((gradients[index] as tf.Tensor).shape, `shape of gradient ${index}`).toEqual(input.shape);
      const values = Float32Array.from(input.dataSync());
      const probes = directions
        ? Array.from({ length: directions }, (_, n) => normals(`direction ${index} ${n}`, [values.length]).dataSync())
        : Array.from(values, (_, entry) => Float32Array.from(values, (__, i) => (i === entry ? 1 : 0)));
      for (const [number, direction] of probes.entries()) {
        const shifted = (sign: number) =>
          tf.tidy(() => {
            const moved = tf.tensor(
              values.map((value, i) => value + sign * h * (direction[i] as number)),
              input.shape,
            );
            return scalar(inputs.map((other, i) => (i === index ? moved : other))).dataSync()[0] as number;
          });
        const measured = (shifted(1) - shifted(-1)) / (2 * h);
        const expected = gradient.reduce((sum, g, i) => sum + g * (direction[i] as number), 0);
        const size = Math.max(1, Math.abs(measured), Math.abs(expected));
        expect(Math.abs(measured - expected) / size, `input ${index}, probe ${number}: ${measured} and ${expected}`).toBeLessThan(
          tolerance,
        );
      }
    });
  });
}
