/**
 * OpenAI's tokenizers: GPT-2, GPT-4 (`cl100k`) and GPT-4o (`o200k`). The entries come from the package gpt-tokenizer,
 * megabytes that are imported only when asked for; encoding is ours, so they have spans, merges and pinned Unicode.
 */
import { ByteLevelTokenizer } from './encode';
import { vocabularyFromRanks } from './ranks';
import type { PatternName } from './types';
import { utf8 } from './unicode';

export const openAiNames = ['gpt2', 'cl100k', 'o200k'] as const;
export type OpenAiName = (typeof openAiNames)[number];

interface Encoding {
  /** For people. */
  readonly title: string;
  readonly pattern: PatternName;
  readonly special: Readonly<Record<string, number>>;
  readonly entries: () => Promise<{ default: readonly (string | readonly number[])[] }>;
}

// Special tokens as in tiktoken.
const encodings: Readonly<Record<OpenAiName, Encoding>> = {
  gpt2: {
    title: 'GPT-2',
    pattern: 'gpt2',
    special: { '<|endoftext|>': 50256 },
    entries: () => import('gpt-tokenizer/bpeRanks/r50k_base'),
  },
  cl100k: {
    title: 'GPT-4',
    pattern: 'cl100k',
    special: {
      '<|endoftext|>': 100257,
      '<|fim_prefix|>': 100258,
      '<|fim_middle|>': 100259,
      '<|fim_suffix|>': 100260,
      '<|endofprompt|>': 100276,
    },
    entries: () => import('gpt-tokenizer/bpeRanks/cl100k_base'),
  },
  o200k: {
    title: 'GPT-4o',
    pattern: 'o200k',
    special: { '<|endoftext|>': 199999, '<|endofprompt|>': 200018 },
    entries: () => import('gpt-tokenizer/bpeRanks/o200k_base'),
  },
};

export async function openAiTokenizer(name: OpenAiName): Promise<ByteLevelTokenizer> {
  const { title, pattern, special, entries } = encodings[name];
  const ranked = (await entries()).default.map((entry) => (typeof entry === 'string' ? utf8(entry) : Uint8Array.from(entry)));
  const tokens = Object.entries(special).map(([text, id]) => ({ id, text, always: false }));
  const end = special['<|endoftext|>']!;
  return new ByteLevelTokenizer(vocabularyFromRanks(ranked, tokens, pattern, { bos: end, eos: end }), title);
}
