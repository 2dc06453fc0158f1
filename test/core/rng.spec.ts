import { describe, expect, test } from 'vitest';
import { Rng, threefry } from '../../src/core/rng';

describe('random numbers', () => {
  test('are Threefry-2x32-20: the vectors of its authors', () => {
    expect(threefry(0, 0, 0, 0)).toEqual([0x6b200159, 0x99ba4efe]);
    expect(threefry(0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff)).toEqual([0x1cb996fc, 0xbb002be7]);
    expect(threefry(0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3)).toEqual([0xc4923a9c, 0x483df7a0]);
  });

  test('depend on the seed and the index alone, whatever was asked before', () => {
    const rng = Rng.from(42);
    const forwards = Array.from({ length: 9 }, (_, i) => rng.uniform(i));
    const backwards = Array.from({ length: 9 }, (_, i) => Rng.from(42).uniform(8 - i)).reverse();
    expect(backwards).toEqual(forwards);
    expect(Array.from(rng.fillUniform(new Float32Array(9)))).toEqual(forwards);
    expect(Rng.from(43).uniform(0)).not.toBe(forwards[0]);
    expect(Rng.from(42 + 2 ** 32).uniform(0)).not.toBe(forwards[0]);
  });

  test('split into streams that differ by label', () => {
    const rng = Rng.from(1);
    const labels = ['dropout', 'batch', 'model.layers.0', 'model.layers.1', 0, 1, 2 ** 32, '0'];
    const first = labels.map((label) => rng.split(label).uint32(0));
    expect(new Set(first).size).toBe(labels.length);
    expect(rng.split('a').split(1).uint32(5)).toBe(rng.split('a').split(1).uint32(5));
    expect(rng.split('a').split('b').uint32(0)).not.toBe(rng.split('b').split('a').uint32(0));
  });

  test('are uniform and normal enough', () => {
    const count = 40_000;
    const uniforms = Rng.from(9).fillUniform(new Float32Array(count));
    const mean = (values: Float32Array) => values.reduce((sum, x) => sum + x, 0) / values.length;
    expect(uniforms.every((x) => x >= 0 && x < 1)).toBe(true);
    expect(mean(uniforms)).toBeCloseTo(0.5, 2);
    const normals = Rng.from(9).fillNormal(new Float32Array(count), 2);
    expect(Math.abs(mean(normals))).toBeLessThan(0.04);
    expect(Math.sqrt(mean(normals.map((x) => x * x)))).toBeCloseTo(2, 1);
    const counts = new Array(7).fill(0) as number[];
    for (let i = 0; i < count; i++) counts[Rng.from(3).below(i, 7)]!++;
    for (const seen of counts) expect(Math.abs(seen - count / 7)).toBeLessThan(400);
  });
});
