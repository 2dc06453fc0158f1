/**
 * Pictures as short Python programs: transformers opens the same checkpoint, must come to the same ids, and to the same
 * numbers within 1e-4. Text building only: which checkpoint, which text and which numbers is the caller's business.
 */
import type { Candidate, SampleSettings } from '../sample/types';

/** What a model was given: `<bos>`, then a piece of the tokens of a text. */
export interface PythonInput {
  /** Of the Hugging Face folder. */
  readonly path: string;
  readonly bos: number | undefined;
  readonly text: string;
  /** Which tokens of the text, from and to; `ids` are these. */
  readonly from: number;
  readonly to: number;
  readonly ids: ArrayLike<number>;
}

export interface PythonAttention extends PythonInput {
  readonly layer: number;
  readonly head: number;
  /** Cells of the pattern after the softmax, by position (`<bos>` counts). */
  readonly cells: readonly { readonly row: number; readonly col: number; readonly weight: number }[];
}

export interface PythonDistribution extends PythonInput {
  /** Ids written after the text; they need not be those of the text that they are. */
  readonly written: readonly number[];
  /** The model read `<bos>` and the last so many of all ids. */
  readonly read: number;
  readonly settings: SampleSettings;
  /** How many tokens were left to draw from. */
  readonly kept: number;
  readonly candidates: readonly Candidate[];
}

const tolerance = '1e-4';

export function attentionProgram(given: PythonAttention): string {
  const { layer, head, cells } = given;
  return program(given, `Attention of layer ${layer}, head ${head}: row looks, column is looked at, weights after the softmax.`, [
    'with torch.no_grad():',
    `    weights = model(torch.tensor([ids]), output_attentions=True).attentions[${layer}][0, ${head}]  # [T, T]`,
    '',
    '# row, column, weight as shown',
    'shown = [',
    ...cells.map(({ row, col, weight }) => `    (${row}, ${col}, ${number(weight)}),`),
    ']',
    'for row, column, expected in shown:',
    '    weight = weights[row, column].item()',
    `    assert abs(weight - expected) < ${tolerance}, (row, column, weight, expected)`,
    '    print(f"{tokenizer.decode([ids[row]])!r} -> {tokenizer.decode([ids[column]])!r}: {weight:.6f}")',
  ]);
}

export function distributionProgram(given: PythonDistribution): string {
  const { written, read, settings, kept, candidates, bos } = given;
  const { temperature, topK, topP, minP } = settings;
  const all = (bos === undefined ? 0 : 1) + given.ids.length + written.length;
  const last = bos === undefined ? `ids[-${read}:]` : `[${bos}, *ids[-${read}:]]`;
  const cut = all > read + (bos === undefined ? 0 : 1);
  const drawn =
    temperature === 0
      ? ['# Temperature 0: the most probable token is taken.', 'drawn = torch.zeros_like(logits)', 'drawn[logits.argmax()] = 1']
      : [
          `# Temperature ${temperature}; top-k ${topK}, top-p ${topP} and min-p ${minP} left the ${kept} most probable to draw from.`,
          `heated = torch.softmax(logits / ${temperature}, -1)`,
          `left = heated.topk(${kept})`,
          'drawn = torch.zeros_like(heated)',
          'drawn[left.indices] = left.values / left.values.sum()',
        ];
  return program(given, 'The distribution of one token: logit, probability by the model, probability it was drawn with.', [
    ...(written.length > 0 ? [...list('ids += ', written), ''] : []),
    ...(cut ? ['# The context was full: what came before is not read.', `ids = ${last}`, ''] : []),
    'with torch.no_grad():',
    '    logits = model(torch.tensor([ids])).logits[0, -1].double()  # [vocabulary]',
    'probability = torch.softmax(logits, -1)',
    ...drawn,
    '',
    '# id, logit, probability, drawn with, as shown',
    'shown = [',
    ...candidates.map((one) => `    (${one.id}, ${number(one.logit)}, ${number(one.probability)}, ${number(one.drawn)}),`),
    ']',
    'for token, *expected in shown:',
    '    found = [column[token].item() for column in (logits, probability, drawn)]',
    `    assert all(abs(a - b) < ${tolerance} for a, b in zip(found, expected)), (token, found, expected)`,
    '    print(f"{tokenizer.decode([token])!r}: logit {found[0]:.4f}, probability {found[1]:.6f}, drawn with {found[2]:.6f}")',
  ]);
}

function program({ path, bos, text, from, to, ids }: PythonInput, what: string, rest: readonly string[]): string {
  return [
    `# ${what}`,
    '# Made by LLM Loupe. Needs torch and transformers 4.56 or later.',
    'import torch',
    'from transformers import AutoModelForCausalLM, AutoTokenizer',
    '',
    `path = ${pythonString(path)}`,
    'tokenizer = AutoTokenizer.from_pretrained(path)',
    'model = AutoModelForCausalLM.from_pretrained(path, attn_implementation="eager", dtype=torch.float32).eval()',
    '',
    ...textLines(text),
    '# What looks like a special token in the text is text.',
    `ids = tokenizer(text, add_special_tokens=False, split_special_tokens=True)["input_ids"][${from}:${to}]`,
    ...list('expected_ids = ', Array.from(ids)),
    'assert ids == expected_ids, (ids, expected_ids)',
    ...(bos === undefined ? [] : [`ids = [${bos}, *ids]  # the model reads every text after this token`]),
    '',
    ...rest,
    '',
  ].join('\n');
}

/** One literal a line of the text, so that it can be read. */
function textLines(text: string): string[] {
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  if (lines.length <= 1) return [`text = ${pythonString(text)}`];
  return ['text = (', ...lines.map((line) => `    ${pythonString(line)}`), ')'];
}

const idsPerLine = 20;

function list(before: string, ids: readonly number[]): string[] {
  if (ids.length <= idsPerLine) return [`${before}[${ids.join(', ')}]`];
  const rows = Array.from({ length: Math.ceil(ids.length / idsPerLine) }, (_, i) => ids.slice(i * idsPerLine, (i + 1) * idsPerLine));
  return [`${before}[`, ...rows.map((row) => `    ${row.join(', ')},`), ']'];
}

/** A literal of Python that is read back to the last bit. */
function number(value: number): string {
  return Number.isFinite(value) ? String(value) : `float("${Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf'}")`;
}

const short: Readonly<Record<string, string>> = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * A string literal of Python on one line. A lone surrogate becomes U+FFFD, which is what the model reads of it; what cannot be
 * seen (controls, joiners, marks of direction, odd spaces) is escaped.
 */
export function pythonString(text: string): string {
  const body = Array.from(text, (character) => {
    const code = character.codePointAt(0)!;
    if (code >= 0xd800 && code < 0xe000) return '\\ufffd';
    if (short[character]) return short[character];
    if (character === ' ' || !/\p{C}|\p{Z}|\p{Variation_Selector}/u.test(character)) return character;
    return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
  return `"${body.join('')}"`;
}
