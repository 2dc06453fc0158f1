/** Every stock op against the reference of tfjs (`cpu`), whose answers are remembered: each build and number of threads asks for the same. */
import { expect } from 'vitest';
import { Rng } from '../../src/core/rng';
import * as tf from '../../src/core/tf';

const special = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0, 1e-40, 3e38, -3e38, 88.5, -104, 1];

export interface Values {
  readonly shape: number[];
  readonly values: Float32Array | Int32Array;
  readonly dtype: 'float32' | 'int32';
  /** Same label, same numbers. */
  readonly label: string;
}

/** Numbers that are the same for the same label; `odd` puts those among them that are none, or nearly. */
export function floats(label: string, shape: number[], odd = false): Values {
  const rng = Rng.from(7).split(label);
  const values = rng.split('values').fillNormal(new Float32Array(shape.reduce((product, axis) => product * axis, 1)), 1);
  if (odd) for (let i = 0; i < values.length; i++) if (rng.below(i, 4) === 0) values[i] = special[rng.below(i, special.length)] as number;
  return { shape, values, dtype: 'float32', label: `${label} ${odd}` };
}

export function ints(label: string, shape: number[], below: number): Values {
  const rng = Rng.from(8).split(label);
  const values = Int32Array.from({ length: shape.reduce((product, axis) => product * axis, 1) }, (_, i) => rng.below(i, below));
  return { shape, values, dtype: 'int32', label: `${label} ${below}` };
}

export type Op = (...inputs: tf.Tensor[]) => tf.Tensor | tf.Tensor[];

interface Answer {
  readonly shape: number[];
  readonly dtype: string;
  readonly values: Float32Array | Int32Array | Uint8Array;
}

function compute(backend: string, op: Op, inputs: readonly Values[]): Answer[] {
  tf.setBackend(backend);
  return tf.tidy(() => {
    const out = op(...inputs.map(({ values, shape, dtype }) => tf.tensor(values, shape, dtype)));
    return (Array.isArray(out) ? out : [out]).map((x) => ({ shape: x.shape, dtype: x.dtype, values: x.dataSync() as Answer['values'] }));
  });
}

const answers = new Map<string, Answer[]>();
/** How often this round has asked. */
const asked = new Map<string, number>();

/** The same questions again, in the same order: for the next build. */
export function askAgain(): void {
  asked.clear();
}

/** `oddOrOdd`: where one is no finite number neither is the other, whichever it is: sums in another order make NaN of infinities. */
export function expectSame(op: Op, inputs: readonly Values[], tolerance: number, what: string, oddOrOdd = false): void {
  const question = `${what} ${inputs.map(({ label, shape, dtype }) => `${label} ${dtype} ${shape}`).join('; ')}`;
  const times = asked.get(question) ?? 0;
  asked.set(question, times + 1);
  const key = `${question} ${times}`;
  const expected = answers.get(key) ?? compute('cpu', op, inputs);
  answers.set(key, expected);
  const before = tf.memory().numDataBuffers;
  const found = compute('loupe', op, inputs);
  expect(tf.memory().numDataBuffers, `${what}: buffers left behind`).toBe(before);
  const kinds = (all: readonly Answer[]) => all.map(({ shape, dtype }) => [shape, dtype]);
  expect(kinds(found), what).toEqual(kinds(expected));
  found.forEach(({ values }, part) => {
    const wantedValues = expected[part]?.values as Answer['values'];
    expect(values.length, what).toBe(wantedValues.length);
    for (let i = 0; i < values.length; i++) {
      const [value, wanted] = [values[i] as number, wantedValues[i] as number];
      if (value === wanted || Object.is(value, wanted)) continue;
      if (oddOrOdd && !Number.isFinite(value) && !Number.isFinite(wanted)) continue;
      const near = Math.abs(value - wanted) <= tolerance * Math.max(1, Math.abs(wanted));
      if (!near) expect.fail(`${what}, shapes ${JSON.stringify(inputs.map(({ shape }) => shape))}, place ${i}: ${value}, not ${wanted}`);
    }
  });
}
