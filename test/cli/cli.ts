/** The command line as it is built, beside a tiny starter model; each call is a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { RealmName } from '../../src/protocol/engine';
import { temporaryFolder } from '../engine/folders';
import { buildRealms, repository, writeTinyModel } from '../engine/realms';

/** What `score --json` prints. */
export interface Scored {
  readonly tokens: readonly {
    readonly id: number;
    readonly text: string | null;
    readonly bytes?: readonly number[];
    readonly start: number;
    readonly end: number;
    readonly logprob: number;
    readonly rank: number;
    readonly entropy: number;
    readonly contextTokens: number;
    readonly top: readonly { readonly id: number; readonly logprob: number }[];
  }[];
  readonly nll: number;
  readonly perplexity: number;
  readonly bitsPerByte: number;
}

export interface Ran {
  readonly status: number | null;
  readonly stdout: Buffer;
  readonly text: string;
  readonly stderr: string;
}

export interface Options {
  readonly input?: string | Uint8Array;
  readonly env?: Record<string, string>;
  readonly cwd?: string;
}

export interface Cli {
  /** Where the package is, laid out as it ships. */
  readonly root: string;
  /** An empty folder to work in. */
  readonly work: string;
  run(args: readonly string[], options?: Options): Promise<Ran>;
  /** Its standard output as JSON; the status must be 0. */
  json<T>(args: readonly string[], options?: Options): Promise<T>;
  /** A process to talk to. */
  start(args: readonly string[], options?: Options): ChildProcess;
}

export async function buildCli(...realms: RealmName[]): Promise<Cli> {
  const root = temporaryFolder();
  const work = temporaryFolder();
  const dist = join(root, 'dist');
  mkdirSync(dist, { recursive: true });
  cpSync(join(repository, 'package.json'), join(root, 'package.json'));
  await build({
    absWorkingDir: repository,
    entryPoints: { cli: 'src/cli/main.ts' },
    outdir: dist,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    logLevel: 'error',
  });
  if (realms.length > 0) {
    symlinkSync(await buildRealms(...realms), join(dist, 'engine'), 'junction');
    symlinkSync(join(repository, 'build', 'assets'), join(dist, 'assets'), 'junction');
    await writeTinyModel(join(root, 'media', 'starter'));
  }

  const start = (args: readonly string[], { env = {}, cwd = work }: Options = {}) => {
    const clean = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !name.startsWith('LLM_LOUPE_') && name !== 'LOUPE_TFJS_NODE'),
    );
    return spawn(process.execPath, [join(dist, 'cli.js'), ...args], { cwd, env: { ...clean, ...env } });
  };
  const run = (args: readonly string[], options: Options = {}) =>
    new Promise<Ran>((resolve, reject) => {
      const child = start(args, options);
      const out: Buffer[] = [];
      const err: Buffer[] = [];
      child.stdout!.on('data', (chunk: Buffer) => out.push(chunk));
      child.stderr!.on('data', (chunk: Buffer) => err.push(chunk));
      child.on('error', reject);
      child.on('close', (status) => {
        const stdout = Buffer.concat(out);
        resolve({ status, stdout, text: stdout.toString(), stderr: Buffer.concat(err).toString() });
      });
      // It may end before it reads.
      child.stdin!.on('error', () => undefined);
      child.stdin!.end(options.input ?? '');
    });
  const json = async <T>(args: readonly string[], options?: Options): Promise<T> => {
    const { status, text, stderr } = await run([...args, '--json'], options);
    if (status !== 0) throw new Error(`status ${status}: ${stderr}`);
    return JSON.parse(text) as T;
  };
  return { root, work, run, json, start };
}

/** One line that begins as every error does. */
export const oneLine = /^llm-loupe: [^\n]+\n$/;
