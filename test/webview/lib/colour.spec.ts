import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contrast, diverging, foregroundOn, luminance, mix, over, parseColour, type Rgb, sequential } from '../../../webview/lib/colour';

const channel = fc.integer({ min: 0, max: 255 });
const colour = fc.tuple(channel, channel, channel).map(([r, g, b]): Rgb => [r, g, b, 1]);

describe('colours', () => {
  it('are read in every way VS Code writes them', () => {
    expect(parseColour('#fff')).toEqual([255, 255, 255, 1]);
    expect(parseColour(' #1F1f1F ')).toEqual([31, 31, 31, 1]);
    expect(parseColour('#0000ff80')).toEqual([0, 0, 255, 128 / 255]);
    expect(parseColour('rgba(234, 92, 0, 0.33)')).toEqual([234, 92, 0, 0.33]);
    expect(parseColour('rgb(1 2 3 / 50%)')).toEqual([1, 2, 3, 0.5]);
    expect(parseColour('color(srgb 1 0.5 0)')).toEqual([255, 127.5, 0, 1]);
    for (const odd of ['', 'var(--x)', 'hotpink', 'rgb(1, 2)', '#ggg']) expect(parseColour(odd)).toBeNull();
  });

  it('mix in OKLab between their ends', () => {
    fc.assert(
      fc.property(colour, colour, (a, b) => {
        for (const [end, at] of [
          [a, 0],
          [b, 1],
        ] as const)
          mix(a, b, at).forEach((x, i) => {
            expect(Math.abs(x - end[i]!)).toBeLessThan(0.6);
          });
      }),
    );
    // The published value of OKLab's mid grey between black and white.
    expect(mix([0, 0, 0, 1], [255, 255, 255, 1], 0.5)[0]).toBeCloseTo(99, 0);
  });

  it('make scales whose zero is the background and whose steps go one way', () => {
    for (const [background, accent] of [
      [
        [31, 31, 31, 1],
        [89, 164, 249, 1],
      ],
      [
        [255, 255, 255, 1],
        [0, 99, 211, 1],
      ],
    ] as [Rgb, Rgb][]) {
      const scale = sequential(background, accent);
      expect(scale.at(0)).toEqual(background);
      expect(scale.at(1)).toEqual(accent);
      const light = Array.from({ length: 11 }, (_, i) => luminance(scale.at(i / 10)));
      const rising = luminance(accent) > luminance(background);
      for (let i = 1; i < light.length; i++) expect(light[i]! > light[i - 1]!).toBe(rising);
      const both = diverging([234, 92, 0, 1], background, accent);
      expect(contrast(both.at(0.5), background)).toBeLessThan(1.03);
      expect(both.at(0)).toEqual([234, 92, 0, 1]);
      expect(scale.at(Number.NaN)).toEqual(background);
    }
  });

  it('always leave text readable', () => {
    fc.assert(
      fc.property(colour, colour, colour, (background, a, b) => {
        expect(contrast(foregroundOn(background, a, b), background)).toBeGreaterThanOrEqual(4.5);
      }),
    );
  });

  it('lay a translucent one over another', () => {
    expect(over([255, 255, 255, 0.5], [0, 0, 0, 1])).toEqual([127.5, 127.5, 127.5, 1]);
  });
});
