/** The text realm: tokenizers, mirrors of editors, the corpus and the files of runs. No tensors are loaded here. */

import type { CorpusFile } from '../../core/corpus/types';
import { LoupeError } from '../../core/errors';
import { pieces } from '../../core/tokenizer/pieces';
import type { Tokenizer } from '../../core/tokenizer/types';
import type { RealmConfig, TextApi, TokenInfo, TokenizerInfo, TokenizerRef } from '../../protocol/engine';
import type { Service } from '../../protocol/rpc';
import { surveyCorpus } from '../corpus/walk';
import { breathe } from '../realm';
import { runOf } from '../references';
import { writeAbout } from '../runs/about';
import { readFrames } from '../runs/attentionFilm';
import { exact, runDigest } from '../runs/curve';
import { history, readEvents } from '../runs/events';
import { readRun, runPath } from '../runs/folder';
import { keptSteps } from '../runs/kept';
import { deleteRun, listRuns, watchRun } from '../runs/list';
import { builtInInfos, Tokenizers } from '../tokenizers';
import { copies } from './copies';
import { counters } from './counters';
import { Documents } from './documents';
import { encodeAnyBytes } from './encodeBytes';
import { judgedRun, judgedStarter } from './judged';
import { measuredOn } from './measured';
import { partOf } from './partOf';
import { trainTokenizerFile } from './trainTokenizer';

export function textService(config: RealmConfig): Service<TextApi> {
  const tokenizers = new Tokenizers(config);
  const documents = new Documents();
  let corpus: { readonly id: number; readonly files: CorpusFile[] } = { id: 0, files: [] };

  const info = async (ref: TokenizerRef): Promise<TokenizerInfo> => {
    const { name, vocabSize } = await tokenizers.get(ref);
    return { ref, name, vocabSize };
  };

  return {
    async tokenizers() {
      // A starter that is not there is no reason to hide the others.
      const starter = await info('starter').catch(() => null);
      return [...(starter ? [starter] : []), ...builtInInfos];
    },
    tokenizerInfo: ({ tokenizer }) => info(tokenizer),

    async encode({ texts, tokenizer, special = false }, { signal }) {
      const using = await tokenizers.get(tokenizer);
      return eachText(texts, signal, (text) => using.encodeSpans(text, { special }));
    },
    async encodeBytes({ bytes, tokenizer, special = false }) {
      return encodeAnyBytes(bytes, await tokenizers.get(tokenizer), special);
    },
    async count({ texts, tokenizers: refs }, { signal }) {
      const counts: number[] = [];
      for (const ref of refs) {
        const using = await tokenizers.get(ref);
        const each = await eachText(texts, signal, (text) => using.encode(text).length);
        counts.push(each.reduce((sum, count) => sum + count, 0));
      }
      return counts;
    },
    async decode({ ids, tokenizer }) {
      return { bytes: (await tokenizers.get(tokenizer)).decodeBytes(ids) };
    },
    async token({ tokenizer, id }) {
      return tokenInfo(await tokenizers.get(tokenizer), id);
    },
    async tokens({ tokenizer, ids }) {
      const using = await tokenizers.get(tokenizer);
      return Array.from(ids, (id) => {
        const bytes = using.tokenBytes(id);
        return { bytes, text: utf8(bytes) };
      });
    },
    async merges({ text, tokenizer }) {
      const using = await tokenizers.get(tokenizer);
      if (!using.merges) throw new LoupeError('tokenizer.noMerges', { name: using.name });
      const { start, words, known, steps, tokens } = using.merges(text);
      const [first, cuts, last] = [start, words, tokens].map((column) => Uint32Array.from(column)) as [
        Uint32Array,
        Uint32Array,
        Uint32Array,
      ];
      return { start: first, words: cuts, known: [...known], steps: [...steps], tokens: last };
    },

    openDocument: ({ uri, version, text }) => documents.open(uri, version, text),
    changeDocument: ({ uri, version, changes }) => documents.change(uri, version, changes),
    closeDocument: ({ uri }) => documents.close(uri),
    async documentTokens({ uri, version, tokenizer, ranges }) {
      return documents.tokens(uri, version, await tokenizers.get(tokenizer), ranges);
    },

    async countDocument({ uri, version, tokenizers: refs }, { signal }) {
      const text = documents.text(uri, version);
      if (text === null) return null;
      const counts: number[] = [];
      for (const ref of refs) {
        const using = await tokenizers.get(ref);
        let count = 0;
        for (const piece of pieces(text, using, countedAtOnce)) {
          count += using.encode(piece).length;
          await breathe();
          signal.throwIfAborted();
        }
        counts.push(count);
      }
      return { counts, characters: characters(text) };
    },

    trainTokenizer: (request, context) => trainTokenizerFile(request, context),

    async survey(request, { signal, progress }) {
      const { files, summary } = await surveyCorpus(request, { signal, progress });
      corpus = { id: corpus.id + 1, files };
      return { corpus: corpus.id, summary };
    },
    corpusFiles({ corpus: id, offset, count }) {
      if (id !== corpus.id) throw new LoupeError('view.gone');
      return { files: corpus.files.slice(offset, offset + count), total: corpus.files.length };
    },

    runs: () => listRuns(config.runs),
    async runRecord({ run }) {
      const record = await readRun(runPath(config.runs, run));
      const { config: model, settings, corpus: summary, digests } = record;
      const curve = digests ? { text: digests.tokens, tokenizer: digests.tokenizer, everywhere: exact(record) } : null;
      return { config: model, settings, corpus: summary, curve };
    },
    runDigest: ({ run }) => runDigest(runPath(config.runs, run)),
    async runEvents({ run, from }) {
      const path = runPath(config.runs, run);
      await readRun(path);
      const { events, next } = await readEvents(path, from);
      return { events: history(events), next };
    },
    watchRun: ({ run, from }, { signal, progress }) => watchRun(config.runs, run, from, signal, progress),
    partOf: ({ model, path }) => partOf(config, model, path),
    counters: ({ run }, { signal }) => counters(runPath(config.runs, run), tokenizers, signal),
    async judged({ model, kind }, { signal }) {
      if (model === 'starter') return judgedStarter(config.starter, kind);
      const path = await runOf(config, model);
      return path === null ? null : judgedRun(path, model, () => counters(path, tokenizers, signal));
    },
    copies: (request, { signal }) => copies(config, tokenizers, request, signal),
    keptSteps: ({ run }) => keptSteps(runPath(config.runs, run)),
    attentionFrames: ({ run, after }) => readFrames(runPath(config.runs, run), after),
    measuredOn: ({ run }, { signal }) => measuredOn(runPath(config.runs, run), tokenizers, signal),
    describeRun: ({ run, ...about }) => writeAbout(runPath(config.runs, run), about),
    deleteRun: ({ run }) => deleteRun(config.runs, run),
  };
}

/** UTF-16 units: some milliseconds. */
const countedAtOnce = 2 ** 17;

/** Of a surrogate pair, one. */
function characters(text: string): number {
  let pairs = 0;
  for (let at = 1; at < text.length; at++) {
    if ((text.charCodeAt(at) & 0xfc00) === 0xdc00 && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800) pairs++;
  }
  return text.length - pairs;
}

/** Works through texts and lets a cancellation in between them, at the latest after some tens of milliseconds. */
async function eachText<T>(texts: readonly string[], signal: AbortSignal, work: (text: string) => T): Promise<T[]> {
  const results: T[] = [];
  let since = performance.now();
  for (const text of texts) {
    if (performance.now() - since > 20) {
      await breathe();
      signal.throwIfAborted();
      since = performance.now();
    }
    results.push(work(text));
  }
  return results;
}

function tokenInfo(tokenizer: Tokenizer, id: number): TokenInfo {
  const bytes = tokenizer.tokenBytes(id);
  const merged = new Map<number, readonly [number, number]>();
  const collect = (entry: number) => {
    const parents = tokenizer.parents(entry);
    if (!parents || merged.has(entry)) return;
    merged.set(entry, parents);
    for (const parent of parents) collect(parent);
  };
  collect(id);
  const order = [...merged.keys()].sort((a, b) => (tokenizer.rank(a) ?? a) - (tokenizer.rank(b) ?? b));
  return {
    id,
    bytes,
    text: utf8(bytes),
    rank: tokenizer.rank(id) ?? null,
    path: order.map((entry) => {
      const [left, right] = merged.get(entry)!;
      return {
        left,
        right,
        merged: entry,
        rank: tokenizer.rank(entry) ?? null,
        leftBytes: tokenizer.tokenBytes(left),
        rightBytes: tokenizer.tokenBytes(right),
      };
    }),
    special: Object.values(tokenizer.special).includes(id),
  };
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
function utf8(bytes: Uint8Array): string | null {
  try {
    return strict.decode(bytes);
  } catch {
    return null;
  }
}
