/** Heads, named, and as small pictures: painted side by side once, then drawn one by one. */
import { css } from './colour';
import { h } from './dom';
import type { Palette } from './palette';

export function headName(layer: number, head: number): string {
  return `L${layer}H${head}`;
}

export interface HeadLevels {
  readonly size: number;
  readonly nLayers: number;
  readonly nHeads: number;
  /** [L, H, size, size], rows look: 0 to 255 on the palette's scale. */
  readonly values: Uint8Array;
}

/** All heads, layers below each other. The future stays transparent. */
export function paintHeads({ size, nLayers, nHeads, values }: HeadLevels, palette: Palette): HTMLCanvasElement {
  const { lut } = palette.sequential;
  const image = new ImageData(nHeads * size, nLayers * size);
  for (let i = 0; i < nLayers * nHeads; i++) {
    const [left, top] = [(i % nHeads) * size, Math.floor(i / nHeads) * size];
    for (let row = 0; row < size; row++) {
      for (let column = 0; column <= row; column++) {
        const colour = values[(i * size + row) * size + column]! * 4;
        image.data.set(lut.subarray(colour, colour + 4), ((top + row) * image.width + left + column) * 4);
      }
    }
  }
  const canvas = h('canvas', { width: image.width, height: image.height });
  canvas.getContext('2d')!.putImageData(image, 0, 0);
  return canvas;
}

/** Where one picture goes, in CSS pixels. */
export interface HeadPlace {
  readonly x: number;
  readonly y: number;
  readonly side: number;
}

/** What lies under every picture: in high contrast the masked half is hatched. */
export function drawGround(context: CanvasRenderingContext2D, empty: CanvasPattern | null, { x, y, side }: HeadPlace): void {
  if (!empty) return;
  context.fillStyle = empty;
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(x + side, y);
  context.lineTo(x + side, y + side);
  context.fill();
}

/** One head out of all, of pictures of `size` pixels; `ratio`: pixels of the screen for one of CSS. */
export function drawHead(
  context: CanvasRenderingContext2D,
  pictures: HTMLCanvasElement,
  size: number,
  { layer, head }: { readonly layer: number; readonly head: number },
  { x, y, side }: HeadPlace,
  ratio: number,
): void {
  context.imageSmoothingEnabled = side * ratio < size;
  context.drawImage(pictures, head * size, layer * size, size, size, x, y, side, side);
}

export function drawBorder(context: CanvasRenderingContext2D, palette: Palette, { x, y, side }: HeadPlace): void {
  context.strokeStyle = css(palette.line);
  context.lineWidth = 1;
  context.strokeRect(x - 0.5, y - 0.5, side + 1, side + 1);
}
