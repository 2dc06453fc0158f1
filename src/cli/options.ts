/**
 * Options as a table: it drives parsing, the help and the environment. `node:util` splits the arguments; what they mean,
 * and what is wrong with them, is said here. It knows no command.
 */
import { parseArgs } from 'node:util';
import { UsageError } from './errors';
import { suggestion } from './suggest';

export interface Option<T> {
  /** As it is typed: `--vocab-size`. */
  readonly flag: string;
  /** What its value is called in the help; null for a switch. */
  readonly value: string | null;
  readonly help: string;
  /** Given more than once, all values count. */
  readonly many: boolean;
  /** `undefined`: the value does not fit; `expected` says what does. */
  read(text: string): T | undefined;
  readonly expected: string;
}

// biome-ignore lint/suspicious/noExplicitAny: the bound of every table
export type OptionTable = Readonly<Record<string, Option<any>>>;
/** What was given: absent where neither the arguments nor the environment say. */
export type OptionValues<Table extends OptionTable> = {
  readonly [K in keyof Table]?: Table[K] extends Option<infer T> ? T : never;
};

type Described = { readonly value?: string; readonly help: string };

export function toggle(flag: string, help: string): Option<boolean> {
  return { flag, value: null, help, many: false, expected: '', read: () => true };
}

export function text(flag: string, { value = 'TEXT', help }: Described): Option<string> {
  return { flag, value, help, many: false, expected: 'something that is not empty', read: (given) => given || undefined };
}

/** May be given more than once. */
export function texts(flag: string, described: Described): Option<string[]> {
  return { ...text(flag, described), many: true, read: (given) => (given ? [given] : undefined) };
}

export function choice<T extends string>(flag: string, choices: readonly T[], { help }: Described): Option<T> {
  const read = (given: string) => choices.find((each) => each === given);
  return { flag, value: choices.join('|'), help, many: false, expected: `one of ${choices.join(', ')}`, read };
}

interface Range {
  readonly min?: number;
  readonly max?: number;
  /** The ends themselves are out. */
  readonly above?: number;
  readonly below?: number;
}

export function integer(flag: string, { min = 0, max = 2 ** 31 - 1, value = 'N', help }: Described & Range): Option<number> {
  const read = (given: string) => {
    const number = Number(given);
    return /^[+-]?\d+$/.test(given) && number >= min && number <= max ? number : undefined;
  };
  return { flag, value, help, many: false, expected: `a whole number from ${min} to ${max}`, read };
}

export function real(flag: string, { min = 0, max, above, below, value = 'X', help }: Described & Range): Option<number> {
  const read = (given: string) => {
    const number = Number(given);
    if (given.trim() === '' || !Number.isFinite(number)) return undefined;
    if (above === undefined ? number < min : number <= above) return undefined;
    return (max !== undefined && number > max) || (below !== undefined && number >= below) ? undefined : number;
  };
  const from = above === undefined ? `${min} or more` : `above ${above}`;
  const to = max !== undefined ? `, at most ${max}` : below !== undefined ? `, below ${below}` : '';
  return { flag, value, help, many: false, expected: `a number, ${from}${to}`, read };
}

export interface Parsed {
  readonly values: Readonly<Record<string, unknown>>;
  readonly positionals: readonly string[];
  /** Flags that were typed, in their order. */
  readonly given: readonly string[];
}

/** @throws UsageError */
export function parseOptions(args: readonly string[], table: OptionTable): Parsed {
  const byFlag = new Map(Object.entries(table).map(([key, option]) => [option.flag, { key, option }]));
  const config = Object.fromEntries(
    Object.values(table).map(({ flag, value }) => [flag.slice(2), { type: value === null ? ('boolean' as const) : ('string' as const) }]),
  );
  const { tokens } = parseArgs({ args: [...args], options: config, strict: false, tokens: true, allowPositionals: true });
  const values: Record<string, unknown> = {};
  const positionals: string[] = [];
  const given: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const found = byFlag.get(token.rawName === '-h' ? '--help' : token.rawName);
    if (!found) throw new UsageError(`there is no option ${token.rawName}${suggestion(token.rawName, [...byFlag.keys()])}`);
    const { key, option } = found;
    given.push(option.flag);
    if (option.value === null) {
      if (token.value !== undefined) throw new UsageError(`${option.flag} takes no value`);
      values[key] = true;
      continue;
    }
    // `--out --resume`: a value was forgotten. A negative number is a value, and then judged as one.
    const forgotten = token.value === undefined || (!token.inlineValue && /^-(?!\d|\.\d|$)/.test(token.value));
    if (forgotten) throw new UsageError(`${option.flag} needs a value: ${option.flag} ${option.value}`);
    put(values, key, option, token.value!, option.flag);
  }
  return { values, positionals, given };
}

/** `LLM_LOUPE_BACKEND` for `--backend`. */
export function environmentName(flag: string): string {
  return `LLM_LOUPE${flag.slice(1).replaceAll('-', '_').toUpperCase()}`.replace('LOUPE__', 'LOUPE_');
}

/** Values of the options that the environment sets. @throws UsageError */
export function readEnvironment(environment: Readonly<Record<string, string | undefined>>, table: OptionTable): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [key, option] of Object.entries(table)) {
    const name = environmentName(option.flag);
    const given = environment[name];
    if (given === undefined || given === '') continue;
    if (option.value !== null) put(values, key, option, given, name);
    else if (/^(?:1|true|yes|on)$/i.test(given)) values[key] = true;
    else if (!/^(?:0|false|no|off)$/i.test(given)) throw new UsageError(`${name} cannot be "${given}": it must be 1 or 0`);
  }
  return values;
}

function put(values: Record<string, unknown>, key: string, option: OptionTable[string], given: string, name: string): void {
  const value: unknown = option.read(given);
  if (value === undefined) throw new UsageError(`${name} cannot be "${given}": it must be ${option.expected}`);
  const before = values[key];
  values[key] = option.many && Array.isArray(before) && Array.isArray(value) ? [...before, ...value] : value;
}
