/** Canvases at the sharpness of the screen: sizes are CSS pixels, the context is already scaled. */
import type { Pen } from './pen';

export interface Surface {
  readonly context: CanvasRenderingContext2D;
  readonly width: number;
  readonly height: number;
  /** Device pixels per CSS pixel. */
  readonly ratio: number;
}

/** Gives the canvas this size (only where it changed: setting it clears) and a clean, scaled context. */
export function surface(canvas: HTMLCanvasElement, width: number, height: number, ratio = window.devicePixelRatio || 1): Surface {
  const [w, h] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
  if (canvas.width !== w) canvas.width = w;
  if (canvas.height !== h) canvas.height = h;
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = canvas.getContext('2d')!;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height, ratio };
}

/** Calls with the inner size of an element, at once and when it changes, once a frame; gives what stops it. */
export function onSize(element: HTMLElement, listener: (width: number, height: number) => void): () => void {
  let [width, height] = [-1, -1];
  const observer = new ResizeObserver(() => {
    const [w, h] = [element.clientWidth, element.clientHeight];
    if (w === width && h === height) return;
    [width, height] = [w, h];
    listener(w, h);
  });
  observer.observe(element);
  return () => observer.disconnect();
}

/** Draws at most once a frame, however often it is asked for. */
export function scheduler(draw: () => void): () => void {
  let pending = 0;
  return () => {
    if (pending) return;
    pending = requestAnimationFrame(() => {
      pending = 0;
      draw();
    });
  };
}

/** Cuts a text with an ellipsis so that it fits. */
export function clip(context: Pick<Pen, 'measureText'>, text: string, width: number): string {
  if (context.measureText(text).width <= width) return text;
  const characters = [...text];
  let [low, high] = [0, characters.length];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (context.measureText(`${characters.slice(0, middle).join('')}…`).width <= width) low = middle;
    else high = middle - 1;
  }
  return low ? `${characters.slice(0, low).join('')}…` : '';
}

/** Thin diagonal lines, for "not there". */
export function hatch(context: CanvasRenderingContext2D, colour: string, ratio = 1): CanvasPattern {
  const tile = document.createElement('canvas');
  const size = Math.round(6 * ratio);
  tile.width = size;
  tile.height = size;
  const c = tile.getContext('2d')!;
  c.strokeStyle = colour;
  c.lineWidth = Math.max(1, ratio * 0.75);
  c.beginPath();
  for (const offset of [-size, 0, size]) {
    c.moveTo(offset, size);
    c.lineTo(offset + size, 0);
  }
  c.stroke();
  const pattern = context.createPattern(tile, 'repeat')!;
  pattern.setTransform(new DOMMatrix([1 / ratio, 0, 0, 1 / ratio, 0, 0]));
  return pattern;
}
