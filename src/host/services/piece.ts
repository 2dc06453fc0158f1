/** How a piece of text reads: white space and control characters made visible, bytes that are no text in hex. No vscode here. */

/** White space as glyphs; other control characters as U+XXXX. */
export function visible(text: string): string {
  return text
    .replaceAll(' ', '·')
    .replaceAll('\r\n', '⏎')
    .replaceAll('\n', '⏎')
    .replaceAll('\r', '␍')
    .replaceAll('\t', '⇥')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => `⟨U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}⟩`);
}

export function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

/** A piece as people read it: its text, or its bytes where they are no text. */
export function piece(bytes: Uint8Array): string {
  try {
    return visible(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return `⟨${hex(bytes)}⟩`;
  }
}
