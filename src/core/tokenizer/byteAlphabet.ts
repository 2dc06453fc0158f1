/**
 * GPT-2's way to write bytes as visible characters, which `tokenizer.json` uses for every entry: printable Latin-1
 * stands for itself, the other 68 bytes for U+0100 onwards.
 */
const characters: string[] = [];
const byteOf = new Map<string, number>();
for (let byte = 0, extra = 0; byte < 256; byte++) {
  const printable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  const character = String.fromCharCode(printable ? byte : 0x100 + extra++);
  characters.push(character);
  byteOf.set(character, byte);
}

export function bytesToAlphabet(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += characters[byte]!;
  return text;
}

/** The bytes that a text in this alphabet stands for; undefined where a character is not of the alphabet. */
export function alphabetToBytes(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const byte = byteOf.get(text[i]!);
    if (byte === undefined) return undefined;
    bytes[i] = byte;
  }
  return bytes;
}
