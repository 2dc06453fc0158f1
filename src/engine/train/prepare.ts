/**
 * From a corpus to what training reads: a tokenizer and two files of ids, frozen in the folder of the run. Texts pass
 * through one at a time, so that memory stays flat.
 */
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CorpusFile, CorpusPart, CorpusRequest, CorpusSummary } from '../../core/corpus/types';
import { LoupeError } from '../../core/errors';
import type { ModelConfig } from '../../core/model/config';
import { createTokenizer } from '../../core/tokenizer/encode';
import { pieces } from '../../core/tokenizer/pieces';
import { trainTokenizer } from '../../core/tokenizer/train';
import type { PatternName, Tokenizer } from '../../core/tokenizer/types';
import type { TrainEvent } from '../../core/train/events';
import { corpusTexts } from '../corpus/texts';
import { surveyCorpus } from '../corpus/walk';
import type { Disk } from '../files';
import { breathe } from '../realm';
import { corpusFile, type TokenFiles } from '../runs/folder';
import { type TokenizerFiles, tokenizerFiles } from '../tokenizers';
import { TokenFileWriter } from './tokenFile';

/** Less text than this teaches nothing. */
const minimumBytes = 2_000;

export interface PrepareContext {
  readonly disk: Disk;
  readonly path: string;
  readonly signal: AbortSignal;
  /** Throws when training was stopped meanwhile. */
  readonly check: () => void;
  readonly report: (event: TrainEvent) => Promise<void> | void;
}

export interface Corpus {
  readonly request: CorpusRequest;
  readonly files: readonly CorpusFile[];
  readonly summary: CorpusSummary;
}

/** Walks the files and writes the manifest. Throws `corpus.empty`, `corpus.tooSmall`. */
export async function prepareCorpus(request: CorpusRequest, { disk, path, signal, check, report }: PrepareContext): Promise<Corpus> {
  const progress = ({ bytes }: { bytes: number }) => {
    check();
    void report({ type: 'preparing', phase: 'corpus', done: bytes, total: 0 });
  };
  const { files, summary } = await surveyCorpus(request, { signal, progress });
  if (summary.files === 0) throw new LoupeError('corpus.empty', { files: files.length });
  if (summary.bytes < minimumBytes) throw new LoupeError('corpus.tooSmall', { bytes: summary.bytes, minimum: minimumBytes });
  await disk.write(join(path, corpusFile), JSON.stringify({ summary, files }));
  await report({
    type: 'manifest',
    files: summary.files,
    bytes: summary.bytes,
    documents: files.filter((file) => file.part !== null).length,
    leftOut: summary.leftOut.map((each) => ({ ...each })),
    digest: summary.digest,
  });
  return { request, files, summary };
}

/** Learns a tokenizer from the training part. */
export async function learnTokenizer(
  corpus: Corpus,
  { vocabSize, contextLength }: Pick<ModelConfig, 'vocabSize' | 'contextLength'>,
  pattern: PatternName,
  { signal, check, report }: PrepareContext,
): Promise<{ tokenizer: Tokenizer; files: TokenizerFiles }> {
  const { vocabulary, stoppedEarly } = await trainTokenizer(texts(corpus, 'train', signal), {
    vocabSize,
    pattern,
    signal,
    onProgress: ({ merges, of }) => {
      check();
      void report({ type: 'preparing', phase: 'tokenizer', done: merges, total: of });
    },
  });
  if (stoppedEarly) {
    await report({
      type: 'warning',
      message: 'The tokenizer has fewer entries than were asked for: no pair of tokens occurs twice any more.',
    });
  }
  return { tokenizer: createTokenizer(vocabulary, 'trained'), files: tokenizerFiles(vocabulary, contextLength) };
}

/** Writes both parts as ids, each document between `<bos>` and `<eos>`. The digest is of both files. */
export async function writeTokens(
  corpus: Corpus,
  tokenizer: Tokenizer,
  { path, signal, check, report }: PrepareContext,
): Promise<{ tokens: TokenFiles; digest: string }> {
  await mkdir(join(path, 'tokens'), { recursive: true });
  const { bos, eos } = tokenizer.special;
  const digest = createHash('sha256');
  const total = corpus.summary.bytes;
  let done = 0;
  let trainIds = 0;

  const write = async (part: CorpusPart): Promise<TokenFileWriter> => {
    const writer = await TokenFileWriter.create(tokenPath(path, part), tokenizer.vocabSize, digest);
    try {
      for await (const text of texts(corpus, part, signal)) {
        if (bos !== undefined) await writer.write([bos]);
        for (const piece of pieces(text, tokenizer)) {
          const ids = tokenizer.encode(piece);
          await writer.write(ids);
          done += Buffer.byteLength(piece);
          if (part === 'train') trainIds += ids.length;
          void report({ type: 'preparing', phase: 'tokens', done, total });
          check();
          await breathe();
        }
        if (eos !== undefined) await writer.write([eos]);
      }
    } finally {
      await writer.close();
    }
    return writer;
  };
  const train = await write('train');
  const trainBytes = done;
  const validation = await write('validation');
  await report({ type: 'tokenizer', vocabSize: tokenizer.vocabSize, bytesPerToken: trainBytes / Math.max(1, trainIds) });
  const tokens = { bytesPerId: train.bytesPerId, train: train.length, validation: validation.length };
  return { tokens, digest: digest.digest('hex') };
}

export function tokenPath(path: string, part: CorpusPart): string {
  return join(path, 'tokens', `${part}.bin`);
}

/** UTF-8 bytes of each token; special ones have none. */
export function bytesOfTokens(tokenizer: Tokenizer): { tokenBytes: (id: number) => Uint8Array | null; byteLengths: Uint32Array } {
  const special = new Set(Object.values(tokenizer.special));
  const tokenBytes = (id: number) => (special.has(id) ? null : tokenizer.tokenBytes(id));
  return { tokenBytes, byteLengths: Uint32Array.from({ length: tokenizer.vocabSize }, (_, id) => tokenBytes(id)?.length ?? 0) };
}

async function* texts({ files, request }: Corpus, part: CorpusPart, signal: AbortSignal): AsyncGenerator<string> {
  for await (const { text } of corpusTexts(files, part, { signal, unsaved: request.unsaved })) yield text;
}
