import { resolve } from 'node:path';
import type { PatternName } from '../../core/tokenizer/types';
import { command } from '../command';
import { UsageError } from '../errors';
import { choice, integer, text } from '../options';
import { size } from '../output';

const patterns = ['llama3', 'gpt2', 'cl100k', 'o200k', 'none'] as const satisfies readonly PatternName[];

export const tokenizerTrain = command({
  name: 'tokenizer train',
  usage: 'PATH... --vocab-size N --out DIR',
  summary: 'learns a BPE tokenizer from texts and writes its tokenizer.json',
  example: 'llm-loupe tokenizer train novels/ --vocab-size 4096 --out tokenizer',
  arguments: [1, Number.POSITIVE_INFINITY],
  options: {
    vocabSize: integer('--vocab-size', { min: 260, max: 1_000_000, help: '256 bytes, 4 special tokens, and merges' }),
    out: text('--out', { value: 'DIR', help: 'folder to write to' }),
    pattern: choice('--pattern', patterns, { help: 'how text is cut before merging (default: llama3)' }),
  },
  async run({ options, positionals, out, engine }) {
    const { vocabSize, pattern = 'llama3' } = options;
    if (vocabSize === undefined) throw new UsageError('--vocab-size is needed');
    if (options.out === undefined) throw new UsageError('--out is needed');
    const folder = resolve(options.out);
    const { stoppedEarly, ...result } = await engine().text.trainTokenizer(
      { paths: positionals.map((path) => resolve(path)), vocabSize, pattern, out: folder },
      {
        onProgress: ({ bytes, merges }) =>
          out.progress(merges / (vocabSize - 260 || 1), merges > 0 ? `${merges} merges` : `${size(bytes)} read`),
      },
    );
    out.end();
    if (stoppedEarly) out.log(`Stopped at ${result.vocabSize} entries: no pair of tokens occurs twice any more.`);
    if (out.json) return out.document({ ...result, stoppedEarly });
    const { merges, bytes, words, seconds, bytesPerToken } = result;
    await out.line(
      `${result.vocabSize} entries (${merges} merges) from ${size(bytes)} and ${words} words in ${seconds.toFixed(1)} s; ` +
        `${bytesPerToken.toFixed(2)} bytes per token. Written to ${folder}`,
    );
  },
});
