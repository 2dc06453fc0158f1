import { expect, test } from 'vitest';
import type { AttentionFrame } from '../../../src/protocol/engine';
import { labelled, stopsOf } from '../../../webview/dashboard/checkpointStops';
import { dashboardRun } from '../../../webview/dashboard/fixtures';
import { simulateHeads } from '../../../webview/dashboard/simulateHeads';
import { columnsOf, figuresOf, moved, nearestKept, rowsOf, striking } from '../../../webview/dashboard/thumbnailFigures';

test('the slider stands on the beginning, on what is kept, and on the last weights', () => {
  const steps = (...given: Parameters<typeof stopsOf>) => stopsOf(...given).map(({ step, at }) => [step, at]);
  const running = dashboardRun({ step: 640 });
  expect(steps(running, [])).toEqual([]);
  expect(steps(running, [200, 400, 600])).toEqual([
    [0, 0],
    [200, 200],
    [400, 400],
    [null, 600],
  ]);
  const finished = dashboardRun({ state: 'finished', step: 640 });
  expect(steps(finished, [400, 600])).toEqual([
    [0, 0],
    [400, 400],
    [600, 600],
    [null, 640],
  ]);
  expect(steps(finished, [400, 640]).at(-1)).toEqual([null, 640]);
  expect(steps(finished, [])).toEqual([
    [0, 0],
    [null, 640],
  ]);
});

test('ticks are named where there is room, the ends always', () => {
  expect([...labelled(2)]).toEqual([0, 1]);
  for (const count of [2, 5, 8, 14, 40]) {
    const named = [...labelled(count)].sort((a, b) => a - b);
    expect([named[0], named.at(-1)]).toEqual([0, count - 1]);
    expect(named.length).toBeLessThanOrEqual(8);
    const gaps = named.slice(1).map((at, i) => at - named[i]!);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(Math.ceil((count - 1) / 6));
  }
});

test('what can be opened of a step is what is kept nearest to it', () => {
  expect(nearestKept([200, 400], 300)).toBe(400);
  expect(nearestKept([200, 400], 90)).toBe(0);
  expect(nearestKept([], 90)).toBe(0);
});

test('the figures of a head are those of its weights', () => {
  // Three tokens: the second looks a quarter at the first, the third all at the second.
  const root = (weight: number) => Math.round(255 * Math.sqrt(weight));
  const frame: AttentionFrame = {
    step: 1,
    size: 3,
    nLayers: 1,
    nHeads: 1,
    values: Uint8Array.of(255, 0, 0, root(0.25), root(0.75), 0, 0, 255, 0),
  };
  const { previous, first, self, entropy } = figuresOf(frame, { layer: 0, head: 0 });
  expect(previous).toBeCloseTo((0.25 + 1) / 2, 2);
  expect(first).toBeCloseTo(0.25 / 2, 2);
  expect(self).toBeCloseTo(0.75 / 2, 2);
  expect(entropy).toBeCloseTo(-(0.25 * Math.log(0.25) + 0.75 * Math.log(0.75)) / 2, 2);
  expect(moved(frame, frame, { layer: 0, head: 0 })).toBe(0);
  const still: AttentionFrame = { ...frame, values: Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 255, 0) };
  // A quarter of one row of three.
  expect(moved(frame, still, { layer: 0, head: 0 })).toBeCloseTo(0.25 / 3, 2);
});

test('where heads are many, each layer shows the one that changed most', () => {
  const frames = simulateHeads([0, 300, 1000], 3, 5);
  const heads = striking(frames);
  expect(heads.map(({ layer }) => layer)).toEqual([0, 1, 2]);
  for (const { layer, head } of heads) {
    const most = Math.max(...[0, 1, 2, 3, 4].map((each) => moved(frames[0]!, frames[2]!, { layer, head: each })));
    expect(moved(frames[0]!, frames[2]!, { layer, head })).toBe(most);
  }
  expect(rowsOf(frames, 'all').length).toBe(15);
  expect(rowsOf(frames, 1)).toEqual([0, 1, 2, 3, 4].map((head) => ({ layer: 1, head })));
  expect(rowsOf(frames, 'striking')).toEqual(heads);
  expect(rowsOf([], 'all')).toEqual([]);
});

test('where steps are many, some are shown, the first and the last among them', () => {
  const frames = simulateHeads([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 1, 1);
  expect(columnsOf(frames, 4).map(({ step }) => step)).toEqual([0, 3, 6, 9]);
  expect(columnsOf(frames, 40)).toEqual(frames);
  expect(columnsOf(frames, 0)).toEqual(frames.slice(-1));
  expect(columnsOf([], 4)).toEqual([]);
});
