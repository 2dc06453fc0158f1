import { describe, expect, it } from 'vitest';
import { type Box, freePlace, type Stroke } from '../../../webview/dashboard/labels';

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
