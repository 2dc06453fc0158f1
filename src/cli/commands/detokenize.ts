import { LoupeError } from '../../core/errors';
import { command } from '../command';
import { readText } from '../input';

export const detokenize = command({
  name: 'detokenize',
  usage: '[FILE]',
  summary: 'ids, separated by white space, back to the exact bytes',
  example: 'llm-loupe tokenize --ids novel.txt | llm-loupe detokenize',
  arguments: [0, 1],
  options: {},
  async run({ positionals, out, engine, tokenizer }) {
    const { text } = engine();
    const { vocabSize } = await text.tokenizerInfo({ tokenizer });
    const words = (await readText(positionals[0])).split(/[\s,]+/).filter(Boolean);
    const ids = Uint32Array.from(words, (word) => {
      const id = Number(word);
      if (!/^\d+$/.test(word) || id >= vocabSize) throw new LoupeError('tokenizer.badId', { id: word.slice(0, 40), last: vocabSize - 1 });
      return id;
    });
    const { bytes } = await text.decode({ ids, tokenizer });
    await out.write(bytes);
  },
});
