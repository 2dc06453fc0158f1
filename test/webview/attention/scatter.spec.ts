import { describe, expect, it } from 'vitest';
import { nearest } from '../../../webview/attention/scatter';

const dot = (head: number, x: number, y: number) => ({ layer: 0, head, x, y });
const dots = [dot(0, 10, 10), dot(1, 30, 12), dot(2, 20, 60), dot(3, 90, 14), dot(4, 10, 10)];

describe('arrow keys among dots', () => {
  it('go to the nearest head in their direction', () => {
    expect(nearest(dots, dot(1, 0, 0), 1, 0)?.head).toBe(3);
    expect(nearest(dots, dot(3, 0, 0), -1, 0)?.head).toBe(1);
    expect(nearest(dots, dot(1, 0, 0), 0, 1)?.head).toBe(2);
    expect(nearest(dots, dot(2, 0, 0), 0, -1)?.head).toBe(1);
  });

  it('reach a head that lies under another, and stop at the ends', () => {
    expect(nearest(dots, dot(0, 0, 0), 1, 0)?.head).toBe(4);
    expect(nearest(dots, dot(4, 0, 0), 1, 0)?.head).toBe(1);
    expect(nearest(dots, dot(3, 0, 0), 1, 0)).toBeNull();
  });
});
