import type { EncodedText } from '../../core/tokenizer/types';
import { command, offsetNote, pieceNote } from '../command';
import { entriesOf, type TokenEntry } from '../entries';
import { readBytes } from '../input';
import { toggle } from '../options';
import { quote, table } from '../output';

export const tokenize = command({
  name: 'tokenize',
  usage: '[FILE]',
  summary: 'the tokens of a text, one a line: id, bytes, text',
  notes: [
    `${offsetNote}\n${pieceNote}`,
    'byteStart and byteEnd count bytes of the text as UTF-8: in Python, text.encode()[byteStart:byteEnd].',
  ],
  example: "echo 'Bonjour, le monde' | llm-loupe tokenize",
  arguments: [0, 1],
  options: {
    ids: toggle('--ids', 'only the ids, separated by spaces'),
    special: toggle('--special', 'special tokens that are written in the text, such as <bos>, count as such'),
  },
  async run({ options, positionals, out, engine, tokenizer }) {
    const bytes = await readBytes(positionals[0]);
    const { text } = engine();
    const { name, vocabSize } = await text.tokenizerInfo({ tokenizer });
    const encoded = await text.encodeBytes({ bytes, tokenizer, special: options.special ?? false });
    if (options.ids && !out.json) {
      if (encoded.ids.length > 0) await out.line(encoded.ids.join(' '));
      return;
    }
    const tokens = describe(encoded, await entriesOf(text, tokenizer, encoded.ids));
    if (out.json) return out.document({ tokenizer: name, vocabSize, count: tokens.length, bytes: bytes.length, tokens });
    if (tokens.length === 0) return;
    const rows = tokens.map((token) => [String(token.id), hex(token.bytes), quote(token.text, token.bytes)]);
    await out.line(table(['id', 'bytes', 'text'], rows));
  },
});

function describe(encoded: EncodedText, entries: readonly TokenEntry[]) {
  return entries.map(({ bytes, text }, i) => ({
    id: encoded.ids[i]!,
    text,
    bytes: Array.from(bytes),
    start: encoded.start[i]!,
    end: encoded.end[i]!,
    byteStart: encoded.byteStart[i]!,
    byteEnd: encoded.byteEnd[i]!,
  }));
}

function hex(bytes: readonly number[]): string {
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
