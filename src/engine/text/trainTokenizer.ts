/** Learning a tokenizer from files and writing it into a folder, without training a model. */
import { basename, join } from 'node:path';
import type { CorpusRequest } from '../../core/corpus/types';
import { LoupeError } from '../../core/errors';
import { trainTokenizer } from '../../core/tokenizer/train';
import type { TextApi } from '../../protocol/engine';
import type { CallContext } from '../../protocol/rpc';
import { corpusTexts } from '../corpus/texts';
import { surveyCorpus } from '../corpus/walk';
import { disk, makeFolder } from '../files';
import { tokenizerFiles } from '../tokenizers';

type Api = TextApi['trainTokenizer'];

export async function trainTokenizerFile(
  { paths, vocabSize, pattern, out }: Api['params'],
  { signal, progress }: CallContext<Api['progress']>,
): Promise<Api['result']> {
  const began = performance.now();
  // Nothing is held out: a tokenizer is not judged on text it has not seen.
  const request: CorpusRequest = {
    roots: paths.map((path) => ({ path, name: basename(path) })),
    include: [],
    exclude: [],
    maxFileBytes: Number.MAX_SAFE_INTEGER,
    unsaved: {},
    unticked: [],
    holdOut: [],
    seed: 0,
    validationShare: 0,
  };
  const { files, summary } = await surveyCorpus(request, { signal });
  if (summary.files === 0) throw new LoupeError('corpus.empty', { files: files.length });
  async function* texts(): AsyncGenerator<string> {
    for (const part of ['train', 'validation'] as const) for await (const { text } of corpusTexts(files, part, { signal })) yield text;
  }
  const trained = await trainTokenizer(texts(), {
    vocabSize,
    pattern,
    signal,
    onProgress: ({ bytes, merges }) => progress({ bytes, merges }),
  });
  await makeFolder(out);
  for (const [name, bytes] of tokenizerFiles(trained.vocabulary)) await disk.write(join(out, name), bytes);
  const merges = trained.vocabulary.left.length;
  return {
    vocabSize: trained.vocabulary.offsets.length - 1,
    merges,
    bytes: trained.bytes,
    words: trained.words,
    seconds: (performance.now() - began) / 1000,
    bytesPerToken: trained.bytesPerToken,
    stoppedEarly: trained.stoppedEarly,
  };
}
