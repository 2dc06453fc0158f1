/**
 * A pen that writes SVG: paths, text as text, clips and hatches, in plain attributes that drawing programs read too. Not a whole
 * canvas: turning and moving, no scaling, no pictures, no blending.
 */
import { parseColour } from './colour';
import type { Pen } from './pen';

type Matrix = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

interface State {
  fillStyle: string | CanvasGradient | CanvasPattern;
  strokeStyle: string | CanvasGradient | CanvasPattern;
  lineWidth: number;
  font: string;
  textAlign: CanvasTextAlign;
  textBaseline: CanvasTextBaseline;
  matrix: Matrix;
  dash: readonly number[];
  clip: string | null;
}

/** Measures texts: a canvas that shows nothing. */
export type Measure = Pick<CanvasRenderingContext2D, 'measureText' | 'font' | 'textBaseline'>;

export class SvgPen implements Pen {
  fillStyle: State['fillStyle'] = '#000000';
  strokeStyle: State['strokeStyle'] = '#000000';
  lineWidth = 1;
  font = '10px sans-serif';
  textAlign: CanvasTextAlign = 'start';
  textBaseline: CanvasTextBaseline = 'alphabetic';
  /** Edges that touch leave no seam between them. */
  crisp = false;
  private matrix: Matrix = [1, 0, 0, 1, 0, 0];
  private dash: readonly number[] = [];
  private clipping: string | null = null;
  private readonly states: State[] = [];
  private path: string[] = [];
  private readonly definitions: string[] = [];
  private readonly hatches = new Map<string, string>();
  private readonly body: string[] = [];
  /** The clip of the group that elements are written into. */
  private group: string | null = null;

  constructor(private readonly measure: Measure) {}

  save(): void {
    const { fillStyle, strokeStyle, lineWidth, font, textAlign, textBaseline, matrix, dash, clipping } = this;
    this.states.push({ fillStyle, strokeStyle, lineWidth, font, textAlign, textBaseline, matrix, dash, clip: clipping });
  }

  restore(): void {
    const state = this.states.pop();
    if (!state) return;
    const { clip, ...rest } = state;
    Object.assign(this, rest);
    this.clipping = clip;
  }

  translate(x: number, y: number): void {
    const [a, b, c, d, e, f] = this.matrix;
    this.matrix = [a, b, c, d, a * x + c * y + e, b * x + d * y + f];
  }

  rotate(angle: number): void {
    const [a, b, c, d, e, f] = this.matrix;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    this.matrix = [a * cos + c * sin, b * cos + d * sin, c * cos - a * sin, d * cos - b * sin, e, f];
  }

  beginPath(): void {
    this.path = [];
  }

  moveTo(x: number, y: number): void {
    this.path.push(`M${this.point(x, y)}`);
  }

  lineTo(x: number, y: number): void {
    this.path.push(`L${this.point(x, y)}`);
  }

  bezierCurveTo(x1: number, y1: number, x2: number, y2: number, x: number, y: number): void {
    this.path.push(`C${this.point(x1, y1)} ${this.point(x2, y2)} ${this.point(x, y)}`);
  }

  rect(x: number, y: number, width: number, height: number): void {
    this.path.push(this.box(x, y, width, height));
  }

  /** The path is where is drawn from here on, until `restore`. */
  clip(): void {
    const id = `clip${this.definitions.length}`;
    const inside = this.clipping === null ? '' : ` clip-path="url(#${this.clipping})"`;
    this.definitions.push(`<clipPath id="${id}"${inside}><path d="${this.path.join('')}"/></clipPath>`);
    this.clipping = id;
  }

  stroke(): void {
    this.strokePath(this.path.join(''));
  }

  fill(): void {
    this.fillPath(this.path.join(''));
  }

  fillRect(x: number, y: number, width: number, height: number): void {
    this.fillPath(this.box(x, y, width, height));
  }

  strokeRect(x: number, y: number, width: number, height: number): void {
    this.strokePath(this.box(x, y, width, height));
  }

  setLineDash(segments: Iterable<number>): void {
    this.dash = [...segments];
  }

  measureText(text: string): TextMetrics {
    this.measure.font = this.font;
    return this.measure.measureText(text);
  }

  fillText(text: string, x: number, y: number): void {
    const shown = printable(text);
    if (shown.trim() === '') return;
    const [a, b, c, d] = this.matrix;
    const turned = b !== 0 || c !== 0;
    // Few programs know baselines other than the letters' own.
    const at = [x, y + this.baseline()] as const;
    const place = turned
      ? `transform="matrix(${[a, b, c, d, ...this.apply(...at)].map(short).join(' ')})"`
      : `x="${short(at[0] + this.matrix[4])}" y="${short(at[1] + this.matrix[5])}"`;
    const anchor = { left: '', start: '', right: ' text-anchor="end"', end: ' text-anchor="end"', center: ' text-anchor="middle"' };
    this.write(
      `<text ${place}${anchor[this.textAlign]} ${fontAttributes(this.font)} ${paint('fill', this.fillStyle)}>${escaped(shown)}</text>`,
    );
  }

  /** A fill of thin diagonal lines. */
  hatch(colour: string): string {
    const known = this.hatches.get(colour);
    if (known) return known;
    const id = `hatch${this.definitions.length}`;
    this.definitions.push(
      `<pattern id="${id}" width="6" height="6" patternUnits="userSpaceOnUse"><path d="M-6 6L0 0M0 6L6 0M6 6L12 0" fill="none" ${paint('stroke', colour)} stroke-width="0.75"/></pattern>`,
    );
    this.hatches.set(colour, `url(#${id})`);
    return `url(#${id})`;
  }

  /** The file: `title` and `description` are what screen readers say, and where the picture came from. */
  document(width: number, height: number, title: string, description: string): string {
    this.enter(null);
    const [w, h] = [Math.ceil(width), Math.ceil(height)];
    return [
      `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" role="img">`,
      `<title>${escaped(printable(title))}</title>`,
      `<desc>${escaped(printable(description))}</desc>`,
      this.definitions.length ? `<defs>${this.definitions.join('\n')}</defs>` : '',
      ...this.body,
      '</svg>\n',
    ]
      .filter((line) => line !== '')
      .join('\n');
  }

  private apply(x: number, y: number): readonly [number, number] {
    const [a, b, c, d, e, f] = this.matrix;
    return [a * x + c * y + e, b * x + d * y + f];
  }

  private point(x: number, y: number): string {
    const [px, py] = this.apply(x, y);
    return `${short(px)} ${short(py)}`;
  }

  private box(x: number, y: number, width: number, height: number): string {
    const [, b, c] = this.matrix;
    if (b === 0 && c === 0) return `M${this.point(x, y)}h${short(width)}v${short(height)}h${short(-width)}z`;
    return `M${this.point(x, y)}L${this.point(x + width, y)}L${this.point(x + width, y + height)}L${this.point(x, y + height)}z`;
  }

  private strokePath(d: string): void {
    const dashes = this.dash.length ? ` stroke-dasharray="${this.dash.map(short).join(' ')}"` : '';
    this.write(`<path d="${d}" fill="none" ${paint('stroke', this.strokeStyle)} stroke-width="${short(this.lineWidth)}"${dashes}/>`);
  }

  private fillPath(d: string): void {
    this.write(`<path d="${d}" ${paint('fill', this.fillStyle)}${this.crisp ? ' shape-rendering="crispEdges"' : ''}/>`);
  }

  /** From the line that the text's place names down to the baseline of its letters. */
  private baseline(): number {
    if (this.textBaseline === 'alphabetic') return 0;
    const ascent = (baseline: CanvasTextBaseline) => {
      this.measure.font = this.font;
      this.measure.textBaseline = baseline;
      return this.measure.measureText('x').actualBoundingBoxAscent;
    };
    const shift = ascent('alphabetic') - ascent(this.textBaseline);
    this.measure.textBaseline = 'alphabetic';
    return shift;
  }

  private write(element: string): void {
    this.enter(this.clipping);
    this.body.push(element);
  }

  private enter(clip: string | null): void {
    if (clip === this.group) return;
    if (this.group !== null) this.body.push('</g>');
    if (clip !== null) this.body.push(`<g clip-path="url(#${clip})">`);
    this.group = clip;
  }
}

/** Hundredths of a pixel are enough, and make small files. */
function short(x: number): string {
  return String(Math.round(x * 100) / 100 || 0);
}

function paint(name: 'fill' | 'stroke', style: State['fillStyle']): string {
  const text = typeof style === 'string' ? style : 'none';
  const colour = parseColour(text);
  if (!colour) return `${name}="${text}"`;
  const [r, g, b, alpha] = colour;
  const hex = [r, g, b].map((x) => Math.round(x).toString(16).padStart(2, '0')).join('');
  return `${name}="#${hex}"${alpha < 1 ? ` ${name}-opacity="${Math.round(alpha * 1000) / 1000}"` : ''}`;
}

function fontAttributes(font: string): string {
  const [, italic, bold, size = '10', family = 'sans-serif'] = /^(italic )?(bold )?([\d.]+)px (.*)$/.exec(font) ?? [];
  const style = `${italic ? ' font-style="italic"' : ''}${bold ? ' font-weight="bold"' : ''}`;
  return `font-family="${escaped(family.replaceAll('"', "'"))}" font-size="${size}"${style}`;
}

/** Without what XML forbids; without direction marks where nothing runs from right to left. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken away.
  const allowed = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff\p{Cs}]/gu, '\ufffd');
  return /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}]/u.test(allowed)
    ? allowed
    : allowed.replace(/[\u2066-\u2069]/g, '');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
