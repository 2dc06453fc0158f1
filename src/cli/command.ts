/** What a command is, and the options that all of them share. */
import type { Engine } from '../client/engine';
import type { ModelRef, RealmConfig, TokenizerRef } from '../protocol/engine';
import { choice, integer, type OptionTable, type OptionValues, text, toggle } from './options';
import type { Output } from './output';

export const backends = ['auto', 'loupe', 'wasm', 'cpu', 'tensorflow'] as const satisfies readonly RealmConfig['backend'][];

export const shared = {
  model: text('--model', { value: 'REF', help: 'a Hugging Face folder, a supported file, or a name (default: starter)' }),
  tokenizer: text('--tokenizer', { value: 'REF', help: 'gpt2, cl100k, o200k, a tokenizer.json, or a model (default: that of the model)' }),
  seed: integer('--seed', { help: 'seed of everything that is drawn (default: 0; train: 1, as in VS Code)' }),
  threads: integer('--threads', {
    max: 1024,
    help: 'threads that compute, whose number changes no result (default: 0, one a physical core)',
  }),
  backend: choice('--backend', backends, {
    help: 'what computes; tensorflow needs LOUPE_TFJS_NODE, its folder (default: auto)',
  }),
  exact: toggle('--exact', 'the same bits on every processor, somewhat slower (backend loupe)'),
  json: toggle('--json', 'JSON on standard output'),
  quiet: toggle('--quiet', 'nothing on standard error but errors'),
  debug: toggle('--debug', 'where an error came from, and what the engine prints'),
  help: toggle('--help', 'this help'),
  version: toggle('--version', 'the version'),
} as const satisfies OptionTable;

export interface Context<Table extends OptionTable> {
  readonly options: OptionValues<Table> & OptionValues<typeof shared>;
  readonly positionals: readonly string[];
  /** Flags that were typed. */
  readonly given: readonly string[];
  readonly out: Output;
  /** What Ctrl-C does from now on, instead of ending at once with 130. */
  onInterrupt(handler: () => void): void;
  /** Starts it; the same one at each call. `runs`: folder of runs that it should know. */
  engine(runs?: string): Engine;
  /** Folder of the package. */
  readonly root: string;
  /** What `--model` names, as the engine's reference. */
  readonly model: ModelRef;
  /** What `--tokenizer` names, or else the tokenizer of the model. */
  readonly tokenizer: TokenizerRef;
}

export interface Command {
  readonly name: string;
  /** After the name, in the first line of its help. */
  readonly usage: string;
  readonly summary: string;
  /** What a reader of the numbers must know. */
  readonly notes?: readonly string[];
  readonly example: string;
  readonly options: OptionTable;
  /** How many arguments that are not options. */
  readonly arguments: readonly [least: number, most: number];
  run(context: Context<OptionTable>): Promise<void>;
}

/** A note of the commands that give offsets: in other languages a character past U+FFFF counts otherwise. */
export const offsetNote =
  'In JSON, start and end count UTF-16 units, as VS Code and JavaScript do: an emoji is two. In Python, a token is\n' +
  "text.encode('utf-16-le')[2 * start : 2 * end].decode('utf-16-le').";

/** A note of those that name tokens. */
export const pieceNote =
  'A token that is a piece of a character has the offsets of the whole one; where it is not valid UTF-8 by itself,\n' +
  'its text is null and bytes holds it.';

/** Ties the types of a command's options to its `run`. */
export function command<Table extends OptionTable>(
  definition: Omit<Command, 'run' | 'options'> & { readonly options: Table; run(context: Context<Table>): Promise<void> },
): Command {
  return { ...definition, run: (context) => definition.run(context as Context<Table>) };
}
