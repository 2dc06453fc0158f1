/** The inspect realm: the active model, what it attends to, what it expects, what it writes. */
import { dirname } from 'node:path';
import type { OpenBackend } from '../../backend/open';
import { LoupeError } from '../../core/errors';
import { activations } from '../../core/inspect/activations';
import { allHeadMetrics, headAttention, recordAttention, rowAttention, thumbnails } from '../../core/inspect/attention';
import { analogy, neighbours } from '../../core/inspect/embeddings';
import { readBefore, score, scoreWindow, summarise, windows } from '../../core/inspect/surprisal';
import { forwardFlopsPerToken, memoryToRun, memoryToTrain, parameterCount, parametersByGroup } from '../../core/model/account';
import { continueSettings } from '../../core/model/presets';
import { generate, nextTokens, promptIds, tokenText } from '../../core/sample/generate';
import type { Tokenizer } from '../../core/tokenizer/types';
import type {
  AttentionToken,
  AttentionView,
  InspectApi,
  MadeWith,
  ModelCard,
  ModelRef,
  RealmConfig,
  TokenizerInfo,
} from '../../protocol/engine';
import { give, type Service } from '../../protocol/rpc';
import { backendOf } from '../backend';
import { type LoadedModel, Models } from '../models';
import { breathe } from '../realm';
import { isFolder, locateModel, type ModelPlace } from '../references';
import { Tokenizers } from '../tokenizers';
import { linesOf, rangesOf, readText } from './lines';
import { describeTokens, encodePassage, ownTokens } from './passage';
import { type ScoredModel, SurpriseTexts, topScores, WindowScores } from './surprise';
import { Views } from './views';

/** A model that is ready to read and write text. */
interface Ready {
  readonly model: LoadedModel;
  readonly tokenizer: Tokenizer;
  readonly backend: OpenBackend;
  /** What every text begins with, where the model knows such a token. */
  readonly bos: number | undefined;
}

export function inspectService(config: RealmConfig): Service<InspectApi> {
  const models = new Models(config);
  const tokenizers = new Tokenizers(config);
  const views = new Views();
  const texts = new SurpriseTexts();
  const scored = new WindowScores();
  /** Of the models that were scored with, by their version. */
  const seenModels = new Map<string, ScoredModel>();
  const open = backendOf(config);

  async function using<T>(ref: ModelRef, work: (ready: Ready) => Promise<T>): Promise<T> {
    // A model that is not there is said before its tokenizer is missed.
    await locateModel(config, ref);
    const [opened, tokenizer] = [await open(), await tokenizers.get(ref)];
    return models.with(ref, (model) => {
      const bos = model.params.config.bosId ?? tokenizer.special.bos;
      return work({ model, tokenizer, backend: opened, bos });
    });
  }

  return {
    async model({ model: ref }) {
      const opened = await open();
      return models.with(ref, async (model) => cardOf(ref, model, opened, await tokenizerInfo(tokenizers, ref)));
    },

    async checkpoint({ model: ref }) {
      const { path, name, fresh } = await locateModel(config, ref);
      if (fresh || path.endsWith('.bin')) throw new LoupeError('python.noFolder', { name });
      return using(ref, async ({ model, bos }) => ({
        path: (await isFolder(path)) ? path : dirname(path),
        bos: bos ?? null,
        contextLength: model.params.config.contextLength,
      }));
    },

    attend: ({ model: ref, context, text, cut }) =>
      using(ref, async ({ model, tokenizer, backend, bos }) => {
        if (text === '') throw new LoupeError('text.empty');
        const { contextLength, nLayers, nHeads, nKvHeads, headDim } = model.params.config;
        const passage = encodePassage(tokenizer, context, text, contextLength);
        const { tokens: encoded, first } = passage;
        const lead = bos === undefined ? [] : [bos];
        const selected = encoded.ids.length - first;
        const room = contextLength - lead.length - selected;
        if (room < 0 && !cut) throw new LoupeError('text.tooLong', { tokens: selected + lead.length, limit: contextLength });
        const dropped = Math.max(0, first - Math.max(0, room));
        const end = encoded.ids.length + Math.min(0, room);
        const ids = Int32Array.from([...lead, ...encoded.ids.subarray(dropped, end)]);

        const record = await recordAttention(model.params, ids);
        const begin: AttentionToken[] = lead.map((id) => ({ id, text: tokenText(tokenizer, id), fragment: null, start: -1, end: -1 }));
        const tokens = [...begin, ...describeTokens(tokenizer, encoded, passage.source, passage.skipped).slice(dropped, end)];
        const view: AttentionView = {
          ...madeWith(model, tokenizer, backend),
          view: views.add(record),
          tokens,
          firstSelected: lead.length + first - dropped,
          droppedContext: dropped,
          droppedText: encoded.ids.length - end,
          nLayers,
          nHeads,
          nKvHeads,
          headDim,
          metrics: await allHeadMetrics(record),
        };
        return view;
      }),
    async thumbnails({ view, size }) {
      const { size: side, values } = await thumbnails(views.get(view), size);
      return { size: side, values: give(values) };
    },
    head({ view, layer, head }) {
      const { scores, pattern } = headAttention(views.get(view), layer, head);
      return { scores: give(scores), pattern: give(pattern) };
    },
    row: ({ view, layer, head, row }) => rowAttention(views.get(view), layer, head, row),
    release: ({ view }) => views.release(view),

    generate: ({ model: ref, prompt, maxTokens, stop, settings }, { signal, progress }) =>
      using(ref, async ({ model, tokenizer, backend, bos }) => {
        const made = promptedWith({ model, tokenizer, backend, bos }, prompt);
        const began = performance.now();
        const steps = generate(model.params, tokenizer, made.prompt, { settings, maxTokens, stop, signal });
        for (;;) {
          const { done, value } = await steps.next();
          if (!done) progress(value);
          else {
            const seconds = Math.max(1e-6, (performance.now() - began) / 1000);
            return { ...made, text: value.text, finish: value.finish, tokensPerSecond: value.ids.length / seconds };
          }
        }
      }),

    prompted: ({ model: ref, prompt }) => using(ref, async (ready) => promptedWith(ready, prompt)),

    score: ({ model: ref, context, text }, { signal }) =>
      using(ref, async ({ model, tokenizer, backend, bos }) => {
        if (text === '') throw new LoupeError('text.empty');
        const passage = encodePassage(tokenizer, context, text, model.params.config.contextLength);
        const { tokens, first: from } = passage;
        const scores = await score(model.params, tokens.ids, { bos, from, top: topScores, signal });
        const read = readBefore(windows(tokens.ids.length, from, model.params.config.contextLength, bos !== undefined));
        const bytes = Buffer.byteLength(text);
        const made = { ...madeWith(model, tokenizer, backend), special: specialOf(tokenizer, bos) };
        return { ...made, tokens: ownTokens(passage), scores, read, bytes, ...summarise(scores, bytes) };
      }),

    async surprise({ model: ref, uri, version, text, ranges, whole }, { signal }) {
      const place = await locateModel(config, ref);
      const tokens = texts.tokens(uri, version, text, await tokenizers.get(ref));
      if (!tokens) return null;
      // What a run started from is looked at again and again, beside the weights of now: known numbers load no model.
      const seen = seenModels.get(versionOf(place));
      const known = seen && (await scored.knownPieces(tokens, ranges, whole, seen));
      if (seen && known) return { version: seen.version, contextLength: seen.contextLength, pieces: known };
      return using(ref, async ({ model, bos }) => {
        const now = scoredModel(model, bos);
        if (seenModels.size >= mostSeen) seenModels.clear();
        seenModels.set(now.version, now);
        const pieces = await scored.pieces(tokens, ranges, whole, now, async (window) => {
          // A newer request, of an editor that was scrolled or edited, comes first.
          await breathe();
          if (signal.aborted) throw new LoupeError('cancelled');
          return scoreWindow(model.params, tokens.ids, window, bos, topScores);
        });
        return { version: now.version, contextLength: now.contextLength, pieces };
      });
    },

    async surpriseAhead({ model: ref, uri, version, place }, { signal }) {
      const tokens = texts.tokens(uri, version, null, await tokenizers.get(ref));
      if (!tokens) return 0;
      return using(ref, ({ model, bos }) => {
        let began = performance.now();
        return scored.ahead(tokens, place, scoredModel(model, bos), async (window) => {
          // Nobody waits for this, but somebody may for what comes next.
          if (performance.now() - began > longestAheadMs) return null;
          await breathe();
          if (signal.aborted) throw new LoupeError('cancelled');
          began = performance.now();
          return scoreWindow(model.params, tokens.ids, window, bos, topScores);
        });
      });
    },

    surprisingLines: ({ model: ref, path, text, lines, count }, { signal }) =>
      using(ref, async ({ model, tokenizer, bos }) => {
        const { params } = model;
        const read = text ?? (await readText(path));
        const tokens = tokenizer.encodeSpans(read);
        const ranges = lines ? rangesOf(read, lines) : [{ start: 0, end: read.length }];
        const known = { version: '', contextLength: params.config.contextLength, bos };
        // Once through a file: what is on screen stays known.
        const pieces = await new WindowScores(windowsInCommon).pieces(tokens, ranges, false, known, async (window) => {
          await breathe();
          if (signal.aborted) throw new LoupeError('cancelled');
          return scoreWindow(params, tokens.ids, window, bos, 0);
        });
        return linesOf(read, pieces, lines, count);
      }),

    next: ({ model: ref, text, count }) =>
      using(ref, ({ model, tokenizer }) => nextTokens(model.params, tokenizer, promptIds(model.params, tokenizer, text), count)),

    activations: ({ model: ref, text, ids, only }) =>
      using(ref, async ({ model, tokenizer, backend }) => {
        const input = Int32Array.from(ids === null ? promptIds(model.params, tokenizer, text ?? '') : ids);
        const { model: name, dtype, contextLength, ...made } = madeWith(model, tokenizer, backend);
        const metadata = {
          model: name,
          tokenizer: made.tokenizer.name,
          dtype,
          backend: made.backend,
          contextLength: String(contextLength),
          ids: input.join(' '),
          ...(text === null ? {} : { text }),
        };
        return { bytes: give(await activations(model.params, input, only ?? undefined, metadata)) };
      }),

    neighbours: ({ model: ref, token, count }) =>
      using(ref, async ({ model, tokenizer }) => {
        const found = await neighbours(model.params, oneToken(tokenizer, token), count);
        return found.map((each) => ({ ...each, text: tokenText(tokenizer, each.id) }));
      }),
    analogy: ({ model: ref, a, b, c, count }) =>
      using(ref, async ({ model, tokenizer }) => {
        const [from, minus, plus] = [oneToken(tokenizer, a), oneToken(tokenizer, b), oneToken(tokenizer, c)];
        const found = await analogy(model.params, from, minus, plus, count);
        return found.map((each) => ({ ...each, text: tokenText(tokenizer, each.id) }));
      }),

    unload() {
      views.clear();
      models.unload();
    },
  };
}

/** A training has as many versions as evaluations. */
const mostSeen = 64;
/** A pass that takes longer is not computed for a jump that may never come. */
const longestAheadMs = 100;

function scoredModel({ params, place }: LoadedModel, bos: number | undefined): ScoredModel {
  return { version: versionOf(place), contextLength: params.config.contextLength, bos };
}

function versionOf({ path, version }: ModelPlace): string {
  return `${path} ${version}`;
}

/** Of one file: two ranges may need the same. */
const windowsInCommon = 2;

/** What a text is generated with, and from which ids. */
function promptedWith({ model, tokenizer, backend, bos }: Ready, prompt: string) {
  const special = specialOf(tokenizer, bos);
  return { ...madeWith(model, tokenizer, backend), special, prompt: promptIds(model.params, tokenizer, prompt) };
}

function madeWith(model: LoadedModel, { name, vocabSize }: Tokenizer, backend: OpenBackend): MadeWith {
  return {
    model: model.place.name,
    tokenizer: { name, vocabSize },
    contextLength: model.params.config.contextLength,
    dtype: model.dtype.toLowerCase(),
    backend: backend.description,
  };
}

/** What is read before every text. */
function specialOf(tokenizer: Tokenizer, bos: number | undefined): string[] {
  return bos === undefined ? [] : [tokenText(tokenizer, bos)];
}

function cardOf(ref: ModelRef, model: LoadedModel, backend: OpenBackend, tokenizer: TokenizerInfo | null): ModelCard {
  const { config } = model.params;
  return {
    ref,
    name: model.place.name,
    family: 'Llama',
    config,
    parameters: parameterCount(config),
    parametersByGroup: parametersByGroup(config),
    bytes: model.bytes,
    dtype: model.dtype.toLowerCase(),
    flopsPerToken: forwardFlopsPerToken(config),
    memoryToRun: memoryToRun(config),
    memoryToTrain: memoryToTrain(config, continueSettings(config)),
    backend: backend.description,
    tokenizer,
  };
}

/** Null for a model that comes without one; a broken one is an error. */
async function tokenizerInfo(tokenizers: Tokenizers, ref: ModelRef): Promise<TokenizerInfo | null> {
  try {
    const { name, vocabSize } = await tokenizers.get(ref);
    return { ref, name, vocabSize };
  } catch (error) {
    if (error instanceof LoupeError && error.code === 'file.notFound') return null;
    throw error;
  }
}

/** The token that a word is, alone or after a space. Throws `token.notOne`, `text.empty`. */
function oneToken(tokenizer: Tokenizer, text: string): number {
  if (text === '') throw new LoupeError('text.empty');
  const alone = tokenizer.encode(text);
  const [id] = alone.length === 1 ? alone : tokenizer.encode(` ${text}`);
  if (id === undefined || tokenizer.decode([id]).trim() !== text.trim()) {
    const pieces = Array.from(alone, (each) => JSON.stringify(tokenText(tokenizer, each))).join(' ');
    throw new LoupeError('token.notOne', { text, count: alone.length, pieces });
  }
  return id;
}
