import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Heap } from '../../../src/backend/loupe/heap';

const page = 65536;
const memoryOf = (initial: number, maximum: number) => new WebAssembly.Memory({ initial, maximum, shared: true });

describe('the allocator', () => {
  test('keeps its books through any sequence of allocations and releases; blocks never overlap', () => {
    const size = fc.oneof(fc.nat(64), fc.nat(2000), fc.nat(100_000), fc.constantFrom(0, 1, 64, 65, 4096, 150_000));
    const step = fc.record({ size, release: fc.option(fc.nat(1000)) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 250 }), (steps) => {
        const memory = memoryOf(2, 400);
        const heap = new Heap(memory, 70_000, 400);
        const held: { at: number; bytes: number; mark: number }[] = [];
        steps.forEach(({ size: bytes, release }, mark) => {
          if (release !== null && held.length > 0) {
            const [gone] = held.splice(release % held.length, 1);
            const { at, bytes: length, mark: own } = gone as { at: number; bytes: number; mark: number };
            // Nobody else has written here.
            expect(new Uint8Array(memory.buffer, at, length).every((byte) => byte === (own & 255))).toBe(true);
            heap.free(at);
          } else {
            const at = heap.allocate(bytes);
            expect(at % 64).toBe(0);
            expect(at).toBeGreaterThanOrEqual(70_000);
            expect(at + bytes).toBeLessThanOrEqual(memory.buffer.byteLength);
            new Uint8Array(memory.buffer, at, bytes).fill(mark & 255);
            held.push({ at, bytes, mark });
          }
          expect(heap.check()).toBeNull();
        });
        for (const { at } of held) heap.free(at);
        expect(heap.check()).toBeNull();
        expect([heap.usedBytes, heap.blocks]).toEqual([0, 0]);
      }),
      { seed: 1, numRuns: 40 },
    );
  });

  test('the same work again and again needs no more memory', () => {
    const memory = memoryOf(4, 4000);
    const heap = new Heap(memory, 0, 4000);
    const sizes = Array.from({ length: 60 }, (_, i) => 1000 + 7919 * ((i * 31) % 17));
    let after = 0;
    for (let round = 0; round < 300; round++) {
      const kept = sizes.map((size) => heap.allocate(size + 64 * (round % 5)));
      for (const at of round % 2 ? kept : kept.reverse()) heap.free(at);
      if (round === 20) after = memory.buffer.byteLength;
    }
    expect(memory.buffer.byteLength).toBe(after);
  });

  test('says what is needed and what there is when there is no more, and goes on', () => {
    const heap = new Heap(memoryOf(1, 32), 0, 32);
    const kept = heap.allocate(page);
    expect(() => heap.allocate(40 * page)).toThrow(
      expect.objectContaining({ code: 'memory.notEnough', args: { need: expect.any(Number), limit: 2 } }),
    );
    expect(() => heap.allocate(5 * 2 ** 30)).toThrow(expect.objectContaining({ code: 'memory.notEnough' }));
    const all = heap.allocate(31 * page);
    heap.free(kept);
    heap.free(all);
    expect(heap.check()).toBeNull();
    expect(() => heap.free(all)).toThrow('nothing is allocated');
  });
});
