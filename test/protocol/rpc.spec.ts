import { describe, expect, it, vi } from 'vitest';
import { LoupeError } from '../../src/core/errors';
import { type CallContext, connect, give, type Method, type Service, serve } from '../../src/protocol/rpc';
import { webviewPair, workerPair } from './ports';

type Api = {
  add: Method<{ a: number; b: number }, number>;
  nothing: Method<{ maybe?: string }, void>;
  fail: Method<{ how: 'loupe' | 'plain' | 'abort' | 'uncloneable' }, unknown>;
  count: Method<{ to: number; every: number }, number, number>;
  forever: Method<Record<string, never>, void, number>;
  arrays: Method<{ values: Float32Array }, { doubled: Float32Array; part: Uint8Array }>;
};

const kept = new Float32Array([1, Number.NaN, Number.POSITIVE_INFINITY]);
const large = new Uint8Array(1_000_000).fill(7);

function service(onAbort?: () => void): Service<Api> {
  return {
    add: ({ a, b }) => a + b,
    nothing: () => undefined,
    fail({ how }) {
      if (how === 'loupe') throw new LoupeError('model.notFound', { path: 'here' });
      if (how === 'abort') throw new DOMException('stop', 'AbortError');
      if (how === 'uncloneable') return () => 0;
      throw new Error('broken wire');
    },
    async count({ to, every }, context) {
      for (let i = 0; i < to; i++) {
        context.progress(i);
        if (every > 0) await new Promise((resolve) => setTimeout(resolve, every));
      }
      return to;
    },
    forever: (_, context: CallContext<number>) =>
      new Promise((_resolve, reject) => {
        context.progress(0);
        context.signal.addEventListener('abort', () => {
          onAbort?.();
          reject(context.signal.reason);
        });
      }),
    arrays: ({ values }) => ({ doubled: values.map((value) => value * 2), part: large.subarray(10, 14) }),
  };
}

describe.each([
  ['workers', workerPair],
  ['webviews', webviewPair],
])('calls between %s', (_, makePair) => {
  it('answers, and a method without a result answers too', async () => {
    const { a, b } = makePair();
    serve<Api>(b, service());
    const client = connect<Api>(a);
    expect(await client.add({ a: 2, b: 3 })).toBe(5);
    expect(await client.nothing({})).toBeUndefined();
    expect(await Promise.all([1, 2, 3].map((n) => client.add({ a: n, b: n })))).toEqual([2, 4, 6]);
  });

  it('shares one port in both directions, with several clients', async () => {
    const { a, b } = makePair();
    serve<Api>(a, { ...service(), add: ({ a, b }) => a * b });
    serve<Api>(b, service());
    const [left, again, right] = [connect<Api>(a), connect<Api>(a), connect<Api>(b)];
    const ask = { a: 3, b: 5 };
    expect(await Promise.all([left.add(ask), again.add(ask), right.add(ask)])).toEqual([8, 8, 15]);
  });

  it('rebuilds errors from code and arguments', async () => {
    const { a, b } = makePair();
    serve<Api>(b, service());
    const client = connect<Api>(a);
    const error = await client.fail({ how: 'loupe' }).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(LoupeError);
    expect(error).toMatchObject({ code: 'model.notFound', args: { path: 'here' } });
    await expect(client.fail({ how: 'plain' })).rejects.toMatchObject({ code: 'internal', args: { detail: 'broken wire' } });
    await expect(client.fail({ how: 'abort' })).rejects.toMatchObject({ code: 'cancelled' });
    const unknown = (client as unknown as { missing: () => Promise<void> }).missing();
    await expect(unknown).rejects.toMatchObject({ code: 'internal' });
  });

  it('carries typed arrays with what JSON cannot hold, and only the part that is meant', async () => {
    const { a, b, sent } = makePair();
    serve<Api>(b, service());
    const { doubled, part } = await connect<Api>(a).arrays({ values: kept });
    expect([...doubled]).toEqual([2, Number.NaN, Number.POSITIVE_INFINITY]);
    expect([...part]).toEqual([7, 7, 7, 7]);
    expect(kept.length).toBe(3);
    expect(large.length).toBe(1_000_000);
    const answer = sent.at(-1)?.message as { value: { part: Uint8Array } };
    expect(answer.value.part.buffer.byteLength).toBe(4);
  });

  it('carries numbers that JSON cannot hold, wherever they are', async () => {
    type Echo = { echo: Method<{ value: unknown }, unknown> };
    const { a, b } = makePair();
    serve<Echo>(b, { echo: ({ value }) => value });
    const value = { list: [1, Number.NaN, { deep: Number.NEGATIVE_INFINITY }], none: null, text: 'NaN', zero: 0 };
    expect(await connect<Echo>(a).echo({ value })).toEqual(value);
    expect(await connect<Echo>(a).echo({ value: Number.POSITIVE_INFINITY })).toBe(Number.POSITIVE_INFINITY);
  });

  it('delivers every progress item, in order, before the result, in at most ten messages a second', async () => {
    const { a, b, sent } = makePair();
    serve<Api>(b, service());
    const items: number[] = [];
    const began = performance.now();
    await connect<Api>(a).count({ to: 150, every: 2 }, { onProgress: (item) => items.push(item) });
    const seconds = (performance.now() - began) / 1000;
    expect(items).toEqual(Array.from({ length: 150 }, (_, i) => i));
    const progress = sent.filter(({ message }) => (message as { rpc: string }).rpc === 'progress');
    expect(progress.length).toBeGreaterThan(1);
    expect(progress.length).toBeLessThanOrEqual(1 + seconds * 10);
  });

  it('rejects at once when aborted, and the service hears of it', async () => {
    const { a, b } = makePair();
    const heard = vi.fn();
    serve<Api>(b, service(heard));
    const client = connect<Api>(a);
    const controller = new AbortController();
    const call = client.forever({}, { signal: controller.signal, onProgress: () => controller.abort() });
    await expect(call).rejects.toMatchObject({ code: 'cancelled' });
    await vi.waitFor(() => expect(heard).toHaveBeenCalledOnce(), { timeout: 20_000 });
    await expect(client.add({ a: 1, b: 1 }, { signal: controller.signal })).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('lets the newest call with a key win', async () => {
    const { a, b } = makePair();
    serve<Api>(b, service());
    const client = connect<Api>(a);
    const first = client.forever({}, { latest: 'hover' });
    const other = client.add({ a: 1, b: 1 }, { latest: 'selection' });
    const second = client.add({ a: 1, b: 2 }, { latest: 'hover' });
    await expect(first).rejects.toMatchObject({ code: 'cancelled' });
    expect(await other).toBe(2);
    expect(await second).toBe(3);
  });

  it('rejects pending and later calls when the other side dies, and aborts what it was computing for it', async () => {
    const { a, b, close } = makePair();
    const heard = vi.fn();
    serve<Api>(b, service(heard));
    const client = connect<Api>(a, (reason) => new LoupeError('realm.died', { realm: 'train', reason }));
    const call = client.forever({}, { onProgress: () => close('out of memory') });
    await expect(call).rejects.toMatchObject({ code: 'realm.died', args: { realm: 'train', reason: 'out of memory' } });
    await expect(client.add({ a: 1, b: 1 })).rejects.toMatchObject({ code: 'realm.died' });
    expect(heard).toHaveBeenCalledOnce();
  });

  it('gives the error of a listener that throws to the caller, and stops the call', async () => {
    const { a, b } = makePair();
    const heard = vi.fn();
    serve<Api>(b, service(heard));
    const onProgress = () => {
      throw new Error('full');
    };
    await expect(connect<Api>(a).forever({}, { onProgress })).rejects.toThrow('full');
    await vi.waitFor(() => expect(heard).toHaveBeenCalledOnce(), { timeout: 20_000 });
  });
});

describe('between workers', () => {
  it('moves only the buffers that were given away', async () => {
    const { a, b } = workerPair();
    const gift = give(new Float32Array([1, 2]));
    const shared = new Float32Array(new SharedArrayBuffer(8));
    serve<{ get: Method<Record<string, never>, Float32Array[]> }>(b, { get: () => [gift, kept, shared] });
    const [moved, copied, cut] = await connect<{ get: Method<Record<string, never>, Float32Array[]> }>(a).get({});
    expect([moved?.length, gift.length]).toEqual([2, 0]);
    expect([copied?.length, kept.length]).toEqual([3, 3]);
    expect(cut?.buffer).toBeInstanceOf(ArrayBuffer);
  });

  it('says so when a value cannot travel', async () => {
    const { a, b } = workerPair();
    serve<Api>(b, service());
    const client = connect<Api>(a);
    await expect(client.fail({ how: 'uncloneable' })).rejects.toMatchObject({ code: 'internal' });
    const call = client.add({ a: (() => 0) as unknown as number, b: 0 });
    await expect(call).rejects.toMatchObject({ code: 'internal' });
  });

  it('reports while a service computes without a pause', async () => {
    const { a, b, sent } = workerPair();
    type Busy = { work: Method<Record<string, never>, void, number> };
    serve<Busy>(b, {
      work(_, { progress }) {
        // A clock of its own: one millisecond an item, and no timer runs meanwhile.
        const clock = vi.spyOn(Date, 'now');
        for (let i = 0; i < 250; i++) {
          clock.mockReturnValue(i);
          progress(i);
        }
        clock.mockRestore();
      },
    });
    await connect<Busy>(a).work({});
    expect(sent.filter(({ message }) => (message as { rpc: string }).rpc === 'progress').length).toBe(3);
  });
});
