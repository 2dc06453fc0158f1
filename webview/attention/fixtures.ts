/**
 * States of the inspector for the gallery. The heads are made of real queries, keys and values, put together from positions and
 * contents so that they do what heads do (previous token, first token, induction, ...); scores, weights and outputs are computed.
 */
import type { HeadMetrics } from '../../src/core/inspect/types';
import type { AttentionToken, AttentionView } from '../../src/protocol/engine';
import type { AttentionHost, AttentionPanelView, AttentionState } from '../../src/protocol/panels';
import type { Service } from '../../src/protocol/rpc';
import type { FixtureState, Fixtures, Hands } from '../lib/fixture';
import { firstLook } from './look';

type State = FixtureState<AttentionHost, AttentionPanelView>;

const D = 32;

/** A sequence of numbers in [-1, 1) from a seed (mulberry32). */
function numbers(seed: number): () => number {
  let a = seed | 0;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let x = Math.imul(a ^ (a >>> 15), 1 | a);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 31 - 1;
  };
}

function hash(text: string): number {
  return [...text].reduce((a, c) => Math.imul(a ^ c.codePointAt(0)!, 16777619), 2166136261) >>> 0;
}

/** Words and pieces of words with the space in front, as byte-level BPE gives them; characters beyond its vocabulary as bytes. */
function tokenize(text: string, offset = 0): AttentionToken[] {
  const tokens: AttentionToken[] = [];
  let at = offset;
  for (const [word] of text.matchAll(/\n| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s/gu)) {
    for (const piece of pieces(word)) {
      const emoji = /\p{Extended_Pictographic}/u.test(piece);
      const count = emoji ? 4 : 1;
      for (let i = 0; i < count; i++) {
        const id = 260 + ((hash(piece) + i) % 3800);
        tokens.push({ id, text: piece, fragment: emoji ? { index: i, of: count } : null, start: at, end: at + piece.length });
      }
      at += piece.length;
    }
  }
  return tokens;
}

function pieces(word: string): string[] {
  const characters = [...word];
  return characters.length > 7 ? [characters.slice(0, 4).join(''), characters.slice(4).join('')] : [word];
}

interface Head {
  readonly q: Float32Array;
  readonly k: Float32Array;
  readonly v: Float32Array;
  readonly scores: Float32Array;
  readonly pattern: Float32Array;
  readonly output: Float32Array;
}

/** How much a head listens to: the place `offset` before, the first position, its own content, what followed it before. */
interface Habit {
  readonly place: number;
  readonly offset: number;
  readonly sink: number;
  readonly content: number;
  readonly induction: number;
}

function habit(layer: number, head: number): Habit {
  const kinds: Habit[] = [
    { place: 7, offset: 1, sink: 1, content: 0, induction: 0 },
    { place: 0.5, offset: 0, sink: 4, content: 0.3, induction: 0 },
    { place: 0, offset: 0, sink: 3, content: 1.5, induction: 0 },
    { place: 0, offset: 0, sink: 2, content: 0, induction: 5.5 },
    { place: 1.6, offset: 3, sink: 0.5, content: 0, induction: 0 },
    { place: 0.2, offset: 0, sink: 0, content: 0, induction: 0 },
  ];
  return kinds[(layer * 7 + head * 5 + ((layer * head) % 3)) % kinds.length]!;
}

/** Components 0..15: place, as turning pairs; 16..22: content; 23..29: content of the token before; 30: first; 31: level. */
function computeHead(tokens: readonly AttentionToken[], layer: number, head: number): Head {
  const T = tokens.length;
  const listens = habit(layer, head);
  const noise = numbers(layer * 1000 + head + 7);
  const root = Math.sqrt(Math.sqrt(D));
  const [q, k, v] = [new Float32Array(T * D), new Float32Array(T * D), new Float32Array(T * D)];
  const content = (i: number) => {
    const draw = numbers(tokens[i]?.id ?? 0);
    return Float32Array.from({ length: 7 }, draw);
  };
  for (let i = 0; i < T; i++) {
    for (let pair = 0; pair < 8; pair++) {
      const turn = 10000 ** (-pair / 8);
      const strength = Math.sqrt(listens.place / 4) * root;
      q[i * D + 2 * pair] = strength * Math.cos((i - listens.offset) * turn);
      q[i * D + 2 * pair + 1] = strength * Math.sin((i - listens.offset) * turn);
      k[i * D + 2 * pair] = strength * 2 * Math.cos(i * turn);
      k[i * D + 2 * pair + 1] = strength * 2 * Math.sin(i * turn);
    }
    const [own, previous] = [content(i), content(i - 1)];
    for (let c = 0; c < 7; c++) {
      q[i * D + 16 + c] = own[c]! * Math.sqrt(listens.content) * root;
      k[i * D + 16 + c] = own[c]! * Math.sqrt(listens.content) * root * 2;
      q[i * D + 23 + c] = own[c]! * Math.sqrt(listens.induction) * root;
      k[i * D + 23 + c] = i > 0 ? previous[c]! * Math.sqrt(listens.induction) * root * 2 : 0;
    }
    // Scores of real heads lie on both sides of zero.
    const level = Math.sqrt(0.8 * (4 * listens.place + 4 * listens.content + 2 * listens.induction)) * root;
    q[i * D + 31] = level;
    k[i * D + 31] = -level;
    q[i * D + 30] = root;
    k[i * D + 30] = i === 0 ? listens.sink * root : 0;
    for (let c = 0; c < D; c++) {
      q[i * D + c] = q[i * D + c]! + noise() * 0.25;
      k[i * D + c] = k[i * D + c]! + noise() * 0.25;
      v[i * D + c] = noise();
    }
  }
  const scores = new Float32Array(T * T);
  const pattern = new Float32Array(T * T);
  const output = new Float32Array(T * D);
  for (let row = 0; row < T; row++) {
    let highest = Number.NEGATIVE_INFINITY;
    for (let col = 0; col < T; col++) {
      let dot = 0;
      for (let c = 0; c < D; c++) dot += q[row * D + c]! * k[col * D + c]!;
      scores[row * T + col] = dot;
      if (col <= row) highest = Math.max(highest, dot);
    }
    let sum = 0;
    for (let col = 0; col <= row; col++) sum += Math.exp((scores[row * T + col]! - highest) / Math.sqrt(D));
    for (let col = 0; col <= row; col++) {
      const weight = Math.exp((scores[row * T + col]! - highest) / Math.sqrt(D)) / sum;
      pattern[row * T + col] = weight;
      for (let c = 0; c < D; c++) output[row * D + c] = output[row * D + c]! + weight * v[col * D + c]!;
    }
  }
  return { q, k, v, scores, pattern, output };
}

function measure(tokens: readonly AttentionToken[], { pattern }: Head, layer: number, head: number): HeadMetrics {
  const T = tokens.length;
  const at = (row: number, col: number) => pattern[row * T + col]!;
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const rows = tokens.map((_, i) => i);
  const repeated = rows.flatMap((i) => {
    const before = tokens.findLastIndex(({ id }, j) => j < i && id === tokens[i]!.id);
    return before >= 0 && before + 1 < i ? [at(i, before + 1)] : [];
  });
  const entropy = (row: number) => rows.reduce((sum, col) => (at(row, col) > 0 ? sum - at(row, col) * Math.log(at(row, col)) : sum), 0);
  return {
    layer,
    head,
    previousToken: T > 1 ? mean(rows.slice(1).map((i) => at(i, i - 1))) : Number.NaN,
    firstToken: mean(rows.map((i) => at(i, 0))),
    self: mean(rows.map((i) => at(i, i))),
    induction: mean(repeated),
    entropy: mean(rows.map(entropy)),
    distance: mean(rows.map((row) => rows.reduce((sum, col) => sum + at(row, col) * (row - col), 0))),
  };
}

function thumbnails(
  view: AttentionView,
  heads: (layer: number, head: number) => Head,
  most: number,
): { size: number; values: Float32Array } {
  const T = view.tokens.length;
  const size = Math.min(most, T);
  const values = new Float32Array(view.nLayers * view.nHeads * size * size);
  const place = (i: number) => Math.floor((i * size) / T);
  const counts = new Float32Array(size * size);
  for (let row = 0; row < T; row++) for (let col = 0; col < T; col++) counts[place(row) * size + place(col)]! += 1;
  for (let l = 0; l < view.nLayers; l++)
    for (let hd = 0; hd < view.nHeads; hd++) {
      const { pattern } = heads(l, hd);
      const from = (l * view.nHeads + hd) * size * size;
      for (let row = 0; row < T; row++)
        for (let col = 0; col <= row; col++) {
          const cell = place(row) * size + place(col);
          values[from + cell] = values[from + cell]! + pattern[row * T + col]! / counts[cell]!;
        }
    }
  return { size, values };
}

interface Scene {
  readonly context?: string;
  readonly text: string;
  readonly nLayers?: number;
  readonly nHeads?: number;
  readonly document?: string;
  readonly stale?: boolean;
  readonly pinned?: boolean;
  readonly dropped?: number;
}

function scene(given: Scene): { state: AttentionState; host: Partial<Service<AttentionHost>> } {
  const { context = '', text, nLayers = 4, nHeads = 4 } = given;
  const before = tokenize(context);
  const bos: AttentionToken = { id: 2, text: '<bos>', fragment: null, start: -1, end: -1 };
  const tokens = [bos, ...before, ...tokenize(text, context.length)];
  const cache = new Map<string, Head>();
  const heads = (layer: number, head: number): Head => {
    const key = `${layer}.${head}`;
    const known = cache.get(key) ?? computeHead(tokens, layer, head);
    cache.set(key, known);
    return known;
  };
  const base = {
    view: 1,
    model: 'starter',
    tokenizer: { name: 'starter', vocabSize: 4096 },
    tokens,
    firstSelected: 1 + before.length,
    droppedContext: given.dropped ?? 0,
    droppedText: 0,
    nLayers,
    nHeads,
  };
  const view: AttentionView = {
    ...base,
    nKvHeads: nHeads,
    headDim: D,
    contextLength: tokens.length > 256 ? 512 : 256,
    dtype: 'f16',
    backend: 'wasm',
    metrics: Array.from({ length: nLayers * nHeads }, (_, i) => {
      const [layer, head] = [Math.floor(i / nHeads), i % nHeads];
      return measure(tokens, heads(layer, head), layer, head);
    }),
  };
  const state: AttentionState = {
    kind: 'ready',
    view,
    document: given.document ?? 'fables.md',
    selectionOnly: context === '',
    pinned: given.pinned ?? false,
    stale: given.stale ?? false,
    head: null,
  };
  const slice = (x: Float32Array, row: number) => x.slice(row * D, (row + 1) * D);
  return {
    state,
    host: {
      ready: () => state,
      thumbnails: ({ size }) => thumbnails(view, heads, size),
      head: ({ layer, head }) => ({ scores: heads(layer, head).scores, pattern: heads(layer, head).pattern }),
      row: ({ layer, head, row }) => {
        const { q, k, v, output } = heads(layer, head);
        return { q: slice(q, row), k, v, output: slice(output, row) };
      },
      save: () => ({ saved: true }),
      python: () => ({ saved: true }),
    },
  };
}

const FABLE_CONTEXT = 'Maître Corbeau, sur un arbre perché,\nTenait en son bec un fromage.\n';
const FABLE =
  'Maître Renard, par l’odeur alléché,\nLui tint à peu près ce langage :\n« Hé ! bonjour, Monsieur du Corbeau.\nQue vous êtes joli ! que vous me semblez beau !';
const SHORT = 'Le chat voit le chien et le chat dort';
const LONG = Array.from(
  { length: 11 },
  (_, i) =>
    `function area${i % 3}(width, height) {\n  const value = width * height;\n  return value > ${i} ? value : width;\n}\nexport const total = area${i % 3}(width, ${i});\n`,
).join('');
const RIGHT_TO_LEFT = 'في البدء كانت الكلمة وكانت الكلمة عند الناس، ثم قرأ الناس الكلمة وكتبوا ما قرأ الناس قبلهم';

function showing(given: Scene, extra: Omit<State, 'host'> = {}): () => State {
  return () => ({ host: scene(given).host, ...extra });
}

const fable: Scene = { context: FABLE_CONTEXT, text: FABLE };
const look = (change: object) => ({ ...firstLook, ...change });
/** The picture and its calculation are there: on a busy machine later than the page. */
const onceDrawn = (play: (hands: Hands) => Promise<void>) => async (_: unknown, hands: Hands) => {
  await hands.find('.steps');
  await play(hands);
};
const waits = () => new Promise<never>(() => {});

const made: Record<string, () => State> = {
  ready: showing(fable, {
    showcase: true,
    rooms: [
      [800, 750],
      [1100, 600],
      [1500, 700],
      [1000, 1200],
      [600, 900],
      [500, 900],
      [700, 500],
    ],
    saved: look({ layer: 0, head: 0, cell: { row: 40, col: 39 }, locked: true }),
    play: async (view, hands) => {
      await view.select({ token: 40 });
      await hands.find('.steps');
    },
  }),
  first: showing(fable),
  hovered: showing(fable, { play: onceDrawn((hands) => hands.point('.matrix-cells', 0.55, 0.6)) }),
  linearAndHidden: showing(fable, { saved: look({ layer: 1, head: 0, squareRoot: false, hideFirst: true }) }),
  scores: showing({ text: SHORT }, { saved: look({ layer: 0, head: 2, stage: 'scores' }) }),
  masked: showing({ text: SHORT }, { saved: look({ layer: 0, head: 2, stage: 'masked' }) }),
  softmax: showing({ text: SHORT }, { saved: look({ layer: 0, head: 2, stage: 'softmax' }) }),
  lines: showing(fable, {
    saved: look({ layer: 1, head: 1, mode: 'lines' }),
    play: onceDrawn((hands) => hands.point('.lines-canvas', 0.1, 0.8)),
  }),
  table: showing(fable, { saved: look({ layer: 0, head: 2, mode: 'table', cell: { row: 30, col: 4 }, locked: true }) }),
  everyComponent: showing({ text: SHORT }, { play: async (_, hands) => hands.click('.all-components') }),
  keys: showing(fable, { play: async (_, hands) => hands.key('?') }),
  menu: showing(fable, { play: onceDrawn((hands) => hands.click('[aria-haspopup=menu]')) }),
  saved: showing(fable, {
    rooms: [[320, 720]],
    play: onceDrawn(async (hands) => {
      await hands.click('[aria-haspopup=menu]');
      await hands.click('[role=menuitem] .codicon-json');
      await hands.find('.said:not(:empty)');
    }),
  }),
  fragments: showing({ text: 'Il a ri 😀 puis\tpleuré,\net le 😀 aussi', document: 'notes.txt' }),
  oneToken: showing({ text: 'a', document: 'notes.txt' }),
  longText: showing({ text: LONG, document: 'geometry-with-a-rather-long-file-name-that-must-not-push-anything-aside.ts', dropped: 1204 }),
  rightToLeft: showing({ text: RIGHT_TO_LEFT, document: 'كتاب.txt' }),
  twelveByTwelve: showing({ ...fable, nLayers: 12, nHeads: 12, pinned: true }, { rooms: [[800, 750]] }),
  scatter: showing(
    { ...fable, nLayers: 12, nHeads: 12 },
    {
      rooms: [
        [800, 750],
        [1100, 600],
        [1500, 700],
        [600, 900],
      ],
      saved: look({ layer: 3, head: 4, headsAs: 'scatter' }),
      play: onceDrawn((hands) => hands.point('.scatter-canvas', 0.62, 0.4)),
    },
  ),
  scatterFew: showing(fable, { saved: look({ layer: 0, head: 0, headsAs: 'scatter', scatterX: 'previousToken', scatterY: 'induction' }) }),
  withoutHeads: showing(fable, { saved: look({ layer: 0, head: 0, heads: false }), rooms: [[1100, 600]] }),
  stale: showing({ ...fable, stale: true }),
  empty: () => ({
    host: {
      ready: () => ({
        kind: 'empty',
        message: {
          title: 'Select some text in an editor to see what each head looks at.',
          detail: '',
          action: { label: 'Inspect Attention', command: 'llmLoupe.inspectAttention' },
        },
      }),
    },
  }),
  loading: () => ({ host: { ready: () => ({ kind: 'loading', model: 'starter' }) } }),
  working: () => {
    const { host } = scene(fable);
    return {
      host,
      play: async (view, hands) => {
        await hands.find('.steps');
        await view.show({ kind: 'loading', model: 'starter' });
        await hands.pause(300);
      },
    };
  },
  loadingHead: () => ({ host: { ...scene(fable).host, head: waits, thumbnails: waits } }),
  error: () => ({
    host: {
      ready: () => ({
        kind: 'error',
        message: {
          title: 'The inspect engine stopped (out of memory).',
          detail: 'It starts again at the next request; nothing that was saved is lost.',
          action: { label: 'Try Again', command: 'llmLoupe.inspectAttention' },
        },
      }),
    },
  }),
};

/** Computed when it is opened: most pages show one of them. */
export const states = Object.defineProperties(
  {},
  Object.fromEntries(Object.entries(made).map(([name, make]) => [name, { enumerable: true, get: make }])),
) as Fixtures<AttentionHost, AttentionPanelView>;
