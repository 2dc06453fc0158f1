/**
 * `tokenizer.json` in Hugging Face's format: writing Loupe's vocabularies, and reading the byte-level BPE ones (ours,
 * GPT-2's, Llama 3's, Qwen's ...) whose pattern we know. What this cannot read goes to their own library, in foreign.ts.
 */
import { LoupeError } from '../errors';
import { alphabetToBytes, bytesToAlphabet } from './byteAlphabet';
import { type KnownPattern, patternOf, patternSource } from './pretokenize';
import { utf8 } from './unicode';
import { concatenate, entryBytes, type SpecialToken, type Vocabulary, vocabularySize } from './vocabulary';

/** The text of a `tokenizer.json` that gives the same ids in Hugging Face's library. */
export function writeTokenizerJson(vocabulary: Vocabulary): string {
  const { left, right, special, pattern } = vocabulary;
  const specialIds = new Map(special.map((token) => [token.id, token]));
  const name = (id: number) => specialIds.get(id)?.text ?? bytesToAlphabet(entryBytes(vocabulary, id));
  // Without a prototype: an entry may be called `__proto__`.
  const vocab = Object.create(null) as Record<string, number>;
  for (let id = 0; id < vocabularySize(vocabulary); id++) vocab[name(id)] = id;
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false };
  const split = { type: 'Split', pattern: { Regex: patternSource[pattern] }, behavior: 'Isolated', invert: false };
  return `${JSON.stringify(
    {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: special.map(({ id, text, always }) => ({
        id,
        content: text,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: !always,
      })),
      normalizer: null,
      pre_tokenizer: pattern === 'none' ? byteLevel : { type: 'Sequence', pretokenizers: [split, byteLevel] },
      post_processor: null,
      decoder: { ...byteLevel, use_regex: true },
      model: {
        type: 'BPE',
        dropout: null,
        unk_token: null,
        continuing_subword_prefix: null,
        end_of_word_suffix: null,
        fuse_unk: false,
        byte_fallback: false,
        ignore_merges: vocabulary.wholeWords,
        vocab,
        merges: Array.from(left, (_, i) => [name(left[i]!), name(right[i]!)]),
      },
    },
    null,
    1,
  )}\n`;
}

/** The text of the `tokenizer_config.json` beside it, with which `AutoTokenizer` opens the folder. */
export function tokenizerConfigJson(vocabulary: Vocabulary, contextLength?: number): string {
  const { roles, special } = vocabulary;
  const text = (id: number | undefined) => special.find((token) => token.id === id)?.text ?? null;
  return `${JSON.stringify(
    {
      tokenizer_class: 'PreTrainedTokenizerFast',
      bos_token: text(roles.bos),
      eos_token: text(roles.eos),
      pad_token: text(roles.pad),
      unk_token: text(roles.unk),
      added_tokens_decoder: Object.fromEntries(
        special.map(({ id, text: content, always }) => [
          id,
          { content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: !always },
        ]),
      ),
      clean_up_tokenization_spaces: false,
      ...(contextLength === undefined ? {} : { model_max_length: contextLength }),
    },
    null,
    2,
  )}\n`;
}

/** The parts of the format that we look at. */
export interface TokenizerJson {
  readonly added_tokens?: readonly {
    readonly id: number;
    readonly content: string;
    readonly single_word?: boolean;
    readonly lstrip?: boolean;
    readonly rstrip?: boolean;
    readonly special?: boolean;
  }[];
  readonly normalizer?: { readonly type: string } | null;
  readonly pre_tokenizer?: PreTokenizerJson | null;
  readonly decoder?: { readonly type: string } | null;
  readonly model: {
    readonly type?: string;
    readonly dropout?: number | null;
    readonly unk_token?: string | null;
    readonly continuing_subword_prefix?: string | null;
    readonly end_of_word_suffix?: string | null;
    readonly byte_fallback?: boolean;
    readonly ignore_merges?: boolean;
    readonly vocab?: Readonly<Record<string, number>>;
    readonly merges?: readonly (string | readonly [string, string])[];
  };
}

interface PreTokenizerJson {
  readonly type: string;
  readonly pretokenizers?: readonly PreTokenizerJson[];
  readonly pattern?: { readonly Regex?: string; readonly String?: string };
  readonly behavior?: string;
  readonly invert?: boolean;
  readonly individual_digits?: boolean;
  readonly add_prefix_space?: boolean;
  readonly use_regex?: boolean;
}

/** Parses and checks the outline. Throws `tokenizer.badFile`. */
export function readTokenizerJson(text: string, name: string): TokenizerJson {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new LoupeError('tokenizer.badFile', { file: name, detail: 'it is not JSON' });
  }
  const { model, added_tokens: added } = (typeof json === 'object' && json !== null ? json : {}) as Partial<TokenizerJson>;
  if (typeof model !== 'object' || model === null || model.vocab === undefined || model.vocab === null) {
    throw new LoupeError('tokenizer.badFile', { file: name, detail: 'it has no model with a vocabulary' });
  }
  if (added !== undefined && added !== null && !Array.isArray(added)) {
    throw new LoupeError('tokenizer.badFile', { file: name, detail: 'its added tokens are not a list' });
  }
  return json as TokenizerJson;
}

/**
 * The vocabulary of a byte-level BPE file whose pattern we know; undefined for any other kind of tokenizer. A normalizer
 * is not part of a vocabulary: the caller looks at it. Throws `tokenizer.badFile` where the file contradicts itself.
 */
export function vocabularyFromJson(json: TokenizerJson, name: string): Vocabulary | undefined {
  const { model } = json;
  const pattern = patternIn(json.pre_tokenizer);
  if (pattern === undefined || json.decoder?.type !== 'ByteLevel') return undefined;
  if ((model.type ?? 'BPE') !== 'BPE' || model.vocab === undefined || !Array.isArray(model.merges)) return undefined;
  if (model.dropout || model.byte_fallback || model.continuing_subword_prefix || model.end_of_word_suffix) return undefined;
  const added = json.added_tokens ?? [];
  if (added.some((token) => token.single_word || token.lstrip || token.rstrip)) return undefined;

  const bad = (detail: string) => new LoupeError('tokenizer.badFile', { file: name, detail });
  const special: SpecialToken[] = added.map(({ id, content, special: hidden }) => ({ id, text: content, always: hidden !== true }));
  const entries: Uint8Array[] = [];
  const put = (id: number, bytes: Uint8Array) => {
    if (!Number.isInteger(id) || id < 0 || id > 1 << 24) throw bad(`it has an entry with the id ${id}`);
    entries[id] = bytes;
  };
  for (const { id, text } of special) put(id, utf8(text));
  for (const [text, id] of Object.entries(model.vocab)) {
    if (entries[id] === undefined) put(id, alphabetToBytes(text) ?? utf8(text));
  }
  // Ids that nothing has (some files leave gaps) are empty entries.
  for (let id = 0; id < entries.length; id++) entries[id] ??= new Uint8Array(0);

  const idOf = new Map(Object.entries(model.vocab));
  const byteIds = Uint32Array.from({ length: 256 }, (_, byte) => {
    const id = idOf.get(bytesToAlphabet(Uint8Array.of(byte)));
    if (id === undefined) throw bad(`it has no entry for the byte ${byte}`);
    return id;
  });
  const count = model.merges.length;
  const [left, right, merged, ranks] = [new Uint32Array(count), new Uint32Array(count), new Uint32Array(count), new Uint32Array(count)];
  for (const [i, merge] of model.merges.entries()) {
    const [a, b] = typeof merge === 'string' ? merge.split(' ') : merge;
    const ids = [idOf.get(a!), idOf.get(b!), idOf.get(`${a}${b}`)];
    if (b === undefined || ids.includes(undefined)) throw bad(`merge ${i} names an entry that is not in the vocabulary`);
    left[i] = ids[0]!;
    right[i] = ids[1]!;
    merged[i] = ids[2]!;
    ranks[i] = i;
  }
  return {
    pattern,
    ...concatenate(entries),
    byteIds,
    left,
    right,
    merged,
    ranks,
    special,
    roles: rolesOf(special),
    wholeWords: model.ignore_merges === true,
  };
}

/** The pattern of a pre-tokenizer, if what it does is one of those we know followed by bytes. */
function patternIn(json: PreTokenizerJson | null | undefined): KnownPattern | undefined {
  const steps = json?.type === 'Sequence' ? (json.pretokenizers ?? []) : json ? [json] : [];
  const last = steps.at(-1);
  if (last?.type !== 'ByteLevel' || last.add_prefix_space === true || steps.length > 2) return undefined;
  const ownPattern = last.use_regex !== false;
  if (steps.length === 1) return ownPattern ? 'gpt2' : 'none';
  const [split] = steps;
  if (split?.type === 'Digits' && split.individual_digits === true && ownPattern) return 'smolLm';
  if (ownPattern || split?.type !== 'Split' || split.pattern?.Regex === undefined) return undefined;
  // These expressions match everything, so keeping the matches and cutting around them is the same.
  const keepsMatches = split.invert === true ? split.behavior === 'Removed' : split.behavior === 'Isolated';
  return keepsMatches ? patternOf(split.pattern.Regex) : undefined;
}

/** Which special tokens play the usual parts, by the names that models give them. */
export function rolesOf(special: readonly SpecialToken[]): Vocabulary['roles'] {
  const find = (...names: string[]) => {
    const token = names.map((name) => special.find(({ text }) => text === name)).find((found) => found !== undefined);
    return token?.id;
  };
  const pad = find('<pad>', '[PAD]', '<|finetune_right_pad_id|>');
  const unk = find('<unk>', '[UNK]');
  const bos = find('<bos>', '<s>', '<|begin_of_text|>', '[CLS]', '<|startoftext|>', '<|endoftext|>');
  const eos = find('<eos>', '</s>', '<|end_of_text|>', '[SEP]', '<|endoftext|>');
  return {
    ...(pad === undefined ? {} : { pad }),
    ...(unk === undefined ? {} : { unk }),
    ...(bos === undefined ? {} : { bos }),
    ...(eos === undefined ? {} : { eos }),
  };
}
