import { describe, expect, it } from 'vitest';
import { type Box, freePlace, type Name, placeNames, type Room, type Stroke } from '../../../webview/dashboard/labels';

const box = (left: number, top: number): Box => ({ left, top, right: left + 40, bottom: top + 10 });
const falling: Stroke = [
  [0, 0, 0],
  [100, 100, 100],
];

describe('names beside a line', () => {
  it('take the first place that no curve crosses, also between two of its points', () => {
    expect(freePlace([box(40, 50), box(60, 10)], [falling], [])).toEqual(box(60, 10));
    expect(freePlace([box(60, 10), box(40, 50)], [falling], [])).toEqual(box(60, 10));
    expect(freePlace([box(40, 50), box(60, 10)], [[]], [])).toEqual(box(40, 50));
  });

  it('keep out of a band', () => {
    const band: Stroke = [
      [0, 20, 80],
      [100, 20, 80],
    ];
    expect(freePlace([box(10, 45), box(10, 85)], [band], [])).toEqual(box(10, 85));
  });

  it('never lie on another name; where nothing is free, on as little as can be', () => {
    const level: Stroke = [
      [0, 5, 5],
      [30, 5, 5],
    ];
    expect(freePlace([box(0, 0), box(20, 0)], [level], [])).toEqual(box(20, 0));
    expect(freePlace([box(0, 0), box(20, 0)], [level], [box(45, 0)])).toEqual(box(0, 0));
  });
});

describe('names of lines across a chart', () => {
  const room: Room = { area: { left: 40, top: 14, right: 240, bottom: 78 }, height: 14, headroom: 14, ratio: 1 };
  const noise: Stroke = Array.from({ length: 101 }, (_, i) => [40 + 2 * i, i % 2 ? 20 : 16, i % 2 ? 70 : 76] as const);
  const touches = (a: Box, b: Box) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

  it('lie over no curve, even where it is everywhere', () => {
    const [place] = placeNames([{ width: 60, at: 45 }], room, [noise]);
    expect(place!.bottom).toBeLessThanOrEqual(room.area.top);
    const early: Stroke = noise.filter(([x]) => x < 120);
    const [beside] = placeNames([{ width: 60, at: 45 }], room, [early]);
    expect(beside).toMatchObject({ bottom: 41, right: 236 });
  });

  it('lie over no other name and no other line, however close their lines are', () => {
    const tall: Room = { area: { left: 40, top: 8, right: 700, bottom: 320 }, height: 14, headroom: 8, ratio: 1 };
    const falls: Stroke = Array.from({ length: 100 }, (_, i) => [40 + 6.6 * i, 20 + 2.2 * i, 24 + 2.2 * i] as const);
    for (const gap of [0, 1, 3, 8, 15, 40]) {
      const names: Name[] = [0, 1, 2, 3].map((i) => ({ width: 150, at: 120 + i * gap }));
      const places = placeNames([...names, { width: 170, at: 'above' }, { width: 130, at: 'below' }], tall, [falls]);
      places.forEach((place, i) => {
        for (const other of places.slice(i + 1)) expect(touches(place, other), `${gap} apart`).toBe(false);
        // Whoever reads from the top meets the names in the order of their lines.
        if (gap > 0 && gap < 20 && i > 0 && i < names.length) expect(place.top, `${gap} apart`).toBeGreaterThan(places[i - 1]!.top);
        for (const { at } of names) if (typeof at === 'number') expect(at > place.top && at < place.bottom, `${gap} apart`).toBe(false);
      });
    }
  });
});
