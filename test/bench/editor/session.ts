/** A window of VS Code with the extension and the probe, and what both ends of a measurement need: keys, clocks, the probe's answers. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { zipSync } from 'fflate';
import type { Page } from 'playwright-core';
import { Window } from '../../../scripts/lib/window.mjs';
import type { Probed, Recorded } from './probe';

export class Session {
  private constructor(
    readonly window: Window,
    readonly port: string,
    private readonly work: string,
  ) {}

  /** @param files of the workspace, by name. */
  static async start(root: string, vsix: string, files: Readonly<Record<string, string>>, settings: object): Promise<Session> {
    const work = mkdtempSync(join(tmpdir(), 'loupe-bench-'));
    const port = join(work, 'port');
    const folder = join(work, 'workspace');
    mkdirSync(folder);
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const probe = join(work, 'probe.vsix');
    writeFileSync(probe, await packProbe(root));
    const window = await Window.start({
      ...{ folder, vsix: [vsix, probe], environment: { LOUPE_PROBE: port } },
      settings: { 'workbench.editor.useModal': 'off', ...settings },
    });
    return new Session(window, port, work);
  }

  async stop(): Promise<void> {
    await this.window.stop();
    rmSync(this.work, { recursive: true, force: true });
  }

  /** Changes a setting of the user, and waits until VS Code has read it. */
  async set(name: string, value: unknown): Promise<void> {
    const path = join(this.window.vscode.profile, 'ud', 'User', 'settings.json');
    const settings = JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(path, JSON.stringify({ ...settings, [name]: value }));
    await sleep(2_000);
  }

  probe(): Promise<Probed> {
    return this.ask('/');
  }

  /** Records the extension host's thread while something is done, and a second longer. */
  async record(run: () => Promise<unknown>): Promise<Recorded> {
    await this.ask('/record');
    await run();
    await sleep(1_000);
    return this.ask('/stop');
  }

  private async ask<Answer>(path: string): Promise<Answer> {
    const response = await fetch(`http://127.0.0.1:${readFileSync(this.port, 'utf8')}${path}`);
    return (await response.json()) as Answer;
  }
}

/** The probe as a package that VS Code installs. */
async function packProbe(root: string): Promise<Uint8Array> {
  const manifest = {
    ...{ name: 'probe', publisher: 'loupe', version: '0.0.1', engines: { vscode: '^1.100.0' } },
    ...{ main: './probe.js', activationEvents: ['*'] },
    contributes: { keybindings: [{ command: 'probe.emptyPanel', key: 'f8' }] },
  };
  const { outputFiles } = await build({
    ...{ entryPoints: [join(root, 'test', 'bench', 'editor', 'probe.ts')], bundle: true, write: false },
    ...{ platform: 'node', format: 'cjs', target: 'node22', external: ['vscode'] },
  });
  return zipSync({
    'extension/package.json': new TextEncoder().encode(JSON.stringify(manifest)),
    'extension/probe.js': outputFiles[0]!.contents,
  });
}

/** Starts something in the page; resolves when it is waiting there, with what gives its result. */
export async function later<Argument, Result>(
  page: Page,
  start: (argument: Argument) => Promise<Result>,
  argument: Argument,
): Promise<() => Promise<Result>> {
  const handle = await page.evaluateHandle(`({ result: (${start})(${JSON.stringify(argument)}) })`);
  return () => handle.evaluate(({ result }: { result: Promise<Result> }) => result);
}
