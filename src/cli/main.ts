/** `llm-loupe`: finds the command, reads its options, runs it, and turns what went wrong into one line and an exit code. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Engine, startEngine } from '../client/engine';
import { LoupeError } from '../core/errors';
import { cacheFolder } from './cache';
import { type Command, type Context, shared } from './command';
import { commands } from './commands';
import { errorLine, exitCode, exitCodes, UsageError } from './errors';
import { type OptionTable, type OptionValues, parseOptions, readEnvironment } from './options';
import { Output } from './output';
import { modelRef, tokenizerRef } from './references';
import { suggestion } from './suggest';
import { commandHelp, generalHelp } from './usage';

/** `dist`, in a built checkout and in the package alike. */
const dist = __dirname;
const root = join(dist, '..');

let engine: Engine | undefined;
let interrupt = () => process.exit(exitCodes.interrupted);
process.on('SIGINT', () => interrupt());
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  endIfReaderLeft(error);
  const path = 'standard output';
  const said =
    error.code === 'ENOSPC'
      ? new LoupeError('file.diskFull', { path })
      : new LoupeError('file.unwritable', { path, detail: error.message });
  process.stderr.write(`${errorLine(said)}\n`);
  process.exit(exitCodes.failed);
});
process.stderr.on('error', (error) => {
  endIfReaderLeft(error);
  // There is nowhere left to say it.
  process.exit(exitCodes.failed);
});

void main(process.argv.slice(2)).then(async (code) => {
  process.exitCode = code;
  await engine?.dispose();
});

async function main(args: readonly string[]): Promise<number> {
  let debug = args.includes('--debug');
  try {
    const [command, rest] = findCommand(args);
    if (!command) return await general(rest);
    const table: OptionTable = { ...shared, ...command.options };
    const parsed = parseOptions(rest, table);
    if (parsed.values.help) return await say(commandHelp(command));
    if (parsed.values.version) return await say(version());
    const options = { ...readEnvironment(process.env, shared), ...parsed.values } as OptionValues<typeof shared>;
    debug ||= options.debug ?? false;
    const [least, most] = command.arguments;
    if (parsed.positionals.length < least || parsed.positionals.length > most) {
      const first = parsed.positionals[most];
      throw new UsageError(first === undefined ? `${command.name} needs ${command.usage}` : `"${first}" is one argument too many`);
    }
    await command.run(context(options, parsed.positionals, parsed.given));
    return exitCodes.done;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') return exitCodes.done;
    const known = error instanceof UsageError && !error.command ? new UsageError(error.message, findName(args)) : error;
    process.stderr.write(`${errorLine(known)}\n`);
    if (debug && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    return exitCode(error);
  }
}

function context(options: OptionValues<typeof shared>, positionals: readonly string[], given: readonly string[]): Context<OptionTable> {
  const { model = 'starter', tokenizer, backend = 'auto', threads = 0, exact = false, debug = false } = options;
  const out = new Output(options.json ?? false, options.quiet ?? false);
  return {
    options,
    positionals,
    given,
    out,
    onInterrupt: (handler) => {
      interrupt = handler as typeof interrupt;
    },
    engine: (runs) => {
      engine ??= startEngine({
        realms: join(dist, 'engine'),
        assets: join(dist, 'assets'),
        starter: join(root, 'media', 'starter'),
        runs: runs ?? null,
        backend,
        threads,
        cache: cacheFolder(),
        exact,
        ...(debug && { log: (realm: string, text: string) => process.stderr.write(`[${realm}] ${text}`) }),
      });
      return engine;
    },
    root,
    model: modelRef(model),
    tokenizer: tokenizer === undefined ? modelRef(model) : tokenizerRef(tokenizer),
  };
}

/** The command and the arguments without its name; options of every command may stand before it. */
function findCommand(args: readonly string[]): [Command | undefined, readonly string[]] {
  let at = 0;
  for (; args[at]?.startsWith('-'); at++) {
    const option = Object.values(shared).find(({ flag }) => flag === args[at]);
    if (option?.value) at++;
  }
  const word = args[at];
  if (word === undefined) return [undefined, args];
  const two = `${word} ${args[at + 1] ?? ''}`;
  const found = commands.find(({ name }) => name === two) ?? commands.find(({ name }) => name === word);
  if (!found) {
    const family = commands.filter(({ name }) => name.startsWith(`${word} `)).map(({ name }) => name);
    if (family.length > 0) throw new UsageError(`"${word}" alone is no command: llm-loupe ${family.join(', llm-loupe ')}`);
    throw new UsageError(
      `there is no command "${word}"${suggestion(
        word,
        commands.map(({ name }) => name),
      )}`,
    );
  }
  return [found, [...args.slice(0, at), ...args.slice(at + found.name.split(' ').length)]];
}

function findName(args: readonly string[]): string | undefined {
  try {
    return findCommand(args)[0]?.name;
  } catch {
    return undefined;
  }
}

/** No command: only help and version can be meant. */
async function general(args: readonly string[]): Promise<number> {
  const { values } = parseOptions(args, shared);
  if (values.version) return say(version());
  if (values.help) return say(generalHelp(commands));
  throw new UsageError('which command?');
}

async function say(text: string): Promise<number> {
  await new Output(false, false).line(text);
  return exitCodes.done;
}

function version(): string {
  return (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version;
}

/** A reader that has seen enough (`| head`) is no error. */
function endIfReaderLeft(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(exitCodes.done);
}
