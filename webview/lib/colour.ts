/** Colours and scales, built at run time from the theme. Mixing happens in OKLab, where equal steps look equal. */

/** Red, green, blue in 0..255, alpha in 0..1. */
export type Rgb = readonly [r: number, g: number, b: number, a: number];
type Lab = readonly [L: number, a: number, b: number];

/** Reads what VS Code writes: #rgb, #rrggbb, #rrggbbaa, rgb(), rgba(), color(srgb ...). Null where it is something else. */
export function parseColour(text: string): Rgb | null {
  const s = text.trim().toLowerCase();
  const hex = /^#([0-9a-f]{3,8})$/.exec(s)?.[1];
  if (hex) {
    const digits = hex.length < 6 ? [...hex].map((c) => c + c) : (hex.match(/../g) ?? []);
    const [r = 0, g = 0, b = 0, a = 255] = digits.map((d) => Number.parseInt(d, 16));
    return [r, g, b, a / 255];
  }
  const call = /^(rgba?|color)\((?:srgb\s+)?([^)]*)\)$/.exec(s);
  if (!call) return null;
  const unit = call[1] === 'color' ? 255 : 1;
  const parts = call[2]!.split(/[\s,/]+/).filter(Boolean);
  const value = (part: string | undefined, whole: number) =>
    part === undefined ? Number.NaN : part.endsWith('%') ? (Number.parseFloat(part) / 100) * whole : Number.parseFloat(part);
  const [r, g, b] = [0, 1, 2].map((i) => value(parts[i], 255 / unit) * unit) as [number, number, number];
  const a = parts.length > 3 ? value(parts[3], 1) : 1;
  return [r, g, b, a].every(Number.isFinite) ? [r, g, b, a] : null;
}

export function css([r, g, b, a]: Rgb): string {
  const [R, G, B] = [r, g, b].map(Math.round);
  return a >= 1 ? `rgb(${R}, ${G}, ${B})` : `rgba(${R}, ${G}, ${B}, ${Math.round(a * 1000) / 1000})`;
}

/** `top` laid over an opaque `bottom`. */
export function over(top: Rgb, bottom: Rgb): Rgb {
  const mix = (i: 0 | 1 | 2) => top[i] * top[3] + bottom[i] * (1 - top[3]);
  return [mix(0), mix(1), mix(2), 1];
}

export function withAlpha([r, g, b]: Rgb, alpha: number): Rgb {
  return [r, g, b, alpha];
}

/** Between two opaque colours, in OKLab. */
export function mix(from: Rgb, to: Rgb, amount: number): Rgb {
  const x = toLab(from);
  const y = toLab(to);
  return fromLab([x[0] + (y[0] - x[0]) * amount, x[1] + (y[1] - x[1]) * amount, x[2] + (y[2] - x[2]) * amount]);
}

/** A scale with 256 steps; `at` gives the colour of a value in 0..1, `lut` is RGBA bytes for `ImageData`. */
export interface Scale {
  readonly lut: Uint8ClampedArray;
  at(value: number): Rgb;
}

/** From nothing (the background) to the accent. */
export function sequential(background: Rgb, accent: Rgb): Scale {
  return scaleOf((value) => mix(background, accent, value));
}

/** 0 is the lowest, 0.5 the background, 1 the highest. */
export function diverging(below: Rgb, background: Rgb, above: Rgb): Scale {
  return scaleOf((value) => (value < 0.5 ? mix(background, below, 1 - 2 * value) : mix(background, above, 2 * value - 1)));
}

function scaleOf(colour: (value: number) => Rgb): Scale {
  const lut = new Uint8ClampedArray(256 * 4);
  for (let i = 0; i < 256; i++) {
    const [r, g, b] = colour(i / 255);
    lut.set([r, g, b, 255], i * 4);
  }
  return {
    lut,
    at(value) {
      const i = Math.round(Math.min(1, Math.max(0, value || 0)) * 255) * 4;
      return [lut[i]!, lut[i + 1]!, lut[i + 2]!, 1];
    },
  };
}

/** Relative luminance by WCAG 2. */
export function luminance([r, g, b]: Rgb): number {
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
}

export function contrast(a: Rgb, b: Rgb): number {
  const [x, y] = [luminance(a), luminance(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

const BLACK: Rgb = [0, 0, 0, 1];
const WHITE: Rgb = [255, 255, 255, 1];

/** The candidate with the better contrast on `background`; black or white where none reaches 4.5. */
export function foregroundOn(background: Rgb, ...candidates: Rgb[]): Rgb {
  const best = (list: readonly Rgb[]) => list.reduce((a, b) => (contrast(b, background) > contrast(a, background) ? b : a));
  const given = candidates.length ? best(candidates) : BLACK;
  return contrast(given, background) >= 4.5 ? given : best([BLACK, WHITE]);
}

function linear(channel: number): number {
  const c = channel / 255;
  return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
}

function encode(light: number): number {
  const c = light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055;
  return Math.min(255, Math.max(0, c * 255));
}

/** Björn Ottosson, "A perceptual color space for image processing", 2020. */
function toLab([r, g, b]: Rgb): Lab {
  const [R, G, B] = [linear(r), linear(g), linear(b)];
  const l = Math.cbrt(0.4122214708 * R + 0.5363325363 * G + 0.0514459929 * B);
  const m = Math.cbrt(0.2119034982 * R + 0.6806995451 * G + 0.1073969566 * B);
  const s = Math.cbrt(0.0883024619 * R + 0.2817188376 * G + 0.6299787005 * B);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function fromLab([L, a, b]: Lab): Rgb {
  const l = (L + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (L - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (L - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    encode(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    encode(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    encode(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
    1,
  ];
}
