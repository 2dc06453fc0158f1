/** Bytes as a reader sees them: text where they are whole characters, else each byte in hexadecimal. Never the replacement character. */
import { h } from './dom';
import { glyphs, visible } from './tokens';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Runs of whole characters as text, bytes that are none as numbers. */
export function bytePieces(bytes: Uint8Array): (string | number)[] {
  const pieces: (string | number)[] = [];
  for (let at = 0; at < bytes.length; ) {
    const lead = bytes[at]!;
    const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    try {
      const text = decoder.decode(bytes.subarray(at, at + length));
      if (typeof pieces.at(-1) === 'string') pieces[pieces.length - 1] += text;
      else pieces.push(text);
      at += length;
    } catch {
      pieces.push(lead);
      at++;
    }
  }
  return pieces;
}

export function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

/** Whether every byte belongs to a whole character. */
export function isText(bytes: Uint8Array): boolean {
  return bytePieces(bytes).every((piece) => typeof piece === 'string');
}

/** For sentences and pictures: ` caf⟨c3⟩`, white space visible. */
export function bytesName(bytes: Uint8Array): string {
  return bytePieces(bytes)
    .map((piece) => (typeof piece === 'string' ? visible(piece) : `⟨${hex(piece)}⟩`))
    .join('');
}

/** A chip of an entry, as `tokenChip` draws those of a text; bytes that are no character in outline. */
export function bytesChip(bytes: Uint8Array, element: 'span' | 'button' = 'span'): HTMLElement {
  const pieces = bytePieces(bytes);
  const whole = pieces.every((piece) => typeof piece === 'string');
  const chip = h(element, {
    class: whole ? 'token' : 'token fragment',
    dir: whole ? 'auto' : 'ltr',
    type: element === 'button' ? 'button' : null,
  });
  for (const piece of pieces) chip.append(...(typeof piece === 'string' ? glyphs(piece) : [h('span', { class: 'byte' }, hex(piece))]));
  return chip;
}
