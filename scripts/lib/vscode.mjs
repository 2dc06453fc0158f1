/**
 * Starts a real VS Code (code-server) on a profile of its own and ends it again. Used by `npm start` where there is no
 * desktop VS Code, by the suites that run inside VS Code and by the user-interface suite.
 */
import { execFile, spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { codeServer, node24 } from './tools.mjs';

const run = promisify(execFile);
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Quiet settings, so that nothing but the extension shows. Callers add their own. */
const calm = {
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
  'git.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'chat.disableAIFeatures': true,
  'chat.commandCenter.enabled': false,
  'security.workspace.trust.enabled': false,
  'editor.accessibilitySupport': 'off',
  'editor.minimap.enabled': false,
  'window.commandCenter': false,
  'files.autoSave': 'off',
  'workbench.colorTheme': 'Default Dark Modern',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
};

/** A clean environment: variables of an outer VS Code confuse the inner one. */
function environment(extra) {
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(VSCODE|ELECTRON|CODE_SERVER)_?/.test(name)));
  return { ...clean, EXTENSIONS_GALLERY: '{"serviceUrl":""}', ...extra };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/**
 * @param {{ vsix?: string[], settings?: object, french?: boolean, trust?: boolean, smokeDriver?: boolean, environment?: object, profile?: string, port?: number, signalStatus?: number }} options
 *   `profile`: a folder to keep; without it, a temporary one that `stop` removes.
 * @returns {Promise<{ url: string, port: number, profile: string, log: string, stop: () => Promise<void> }>}
 */
export async function startVsCode(options = {}) {
  const profile = options.profile ?? mkdtempSync(join(tmpdir(), 'loupe-vscode-'));
  const data = join(profile, 'ud');
  const extensions = join(profile, 'ext');
  mkdirSync(join(data, 'User'), { recursive: true });
  mkdirSync(extensions, { recursive: true });
  const trust = options.trust ? { 'security.workspace.trust.enabled': true } : {};
  writeFileSync(join(data, 'User', 'settings.json'), JSON.stringify({ ...calm, ...trust, ...options.settings }, null, 2));
  if (options.french) writeFrenchStub(data);
  const config = join(profile, 'config.yaml');
  writeFileSync(config, '');

  const entry = codeServer();
  const base = [entry, '--config', config, '--user-data-dir', data, '--extensions-dir', extensions];
  for (const vsix of options.vsix ?? []) await run(node24(), [...base, '--install-extension', vsix], { env: environment() });

  const port = options.port ?? (await freePort());
  const log = join(profile, 'server.log');
  const server = spawn(
    node24(),
    [
      ...base,
      ...['--auth', 'none', '--bind-addr', `127.0.0.1:${port}`, '--disable-telemetry', '--disable-update-check'],
      ...['--disable-getting-started-override', '--disable-proxy', '--ignore-last-opened'],
      ...(options.trust ? [] : ['--disable-workspace-trust']),
      ...(options.french ? ['--locale', 'fr'] : []),
      ...(options.smokeDriver ? ['--vscode-option', 'enable-smoke-test-driver'] : []),
    ],
    { env: environment(options.environment), detached: true, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const output = createWriteStream(log, { flags: 'a' });
  server.stdout.pipe(output, { end: false });
  server.stderr.pipe(output, { end: false });

  const stop = async () => {
    process.removeListener('exit', kill);
    for (const signal of SIGNALS) process.removeListener(signal, end);
    const ended =
      server.exitCode !== null || server.signalCode !== null ? undefined : new Promise((resolve) => server.once('exit', resolve));
    kill();
    await ended;
    output.end();
    if (!options.profile) rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  const kill = () => {
    try {
      process.kill(-server.pid, 'SIGKILL');
    } catch {} // already gone
  };
  // A signal ends a process without 'exit': the server, which leads a group of its own, would stay.
  const end = (signal) => stop().finally(() => process.exit(options.signalStatus ?? 128 + constants.signals[signal]));
  process.once('exit', kill);
  for (const signal of SIGNALS) process.once(signal, end);

  const url = `http://127.0.0.1:${port}`;
  await untilHealthy(url, server, log);
  return { url, port, profile, log, stop };
}

async function untilHealthy(url, server, log) {
  for (let tries = 0; tries < 150; tries++) {
    if (server.exitCode !== null) break;
    try {
      if ((await fetch(`${url}/healthz`)).ok) return;
    } catch {} // not listening yet
    await sleep(200);
  }
  throw new Error(`VS Code did not start:\n${readFileSync(log, 'utf8')}`);
}

/**
 * VS Code speaks French only with a language pack. A stub makes it report `fr` (and load `package.nls.fr.json` and the
 * extension's bundle), while its own words stay English.
 */
function writeFrenchStub(data) {
  const pack = join(data, 'french');
  mkdirSync(pack, { recursive: true });
  const translations = join(pack, 'main.i18n.json');
  writeFileSync(translations, JSON.stringify({ version: '1.0.0', contents: {} }));
  const entry = {
    hash: 'loupe-french-stub',
    extensions: [{ extensionIdentifier: { id: 'loupe.french-stub' }, version: '1.0.0' }],
    translations: { vscode: translations },
    label: 'Français',
  };
  writeFileSync(join(data, 'languagepacks.json'), JSON.stringify({ fr: entry }));
}

/** Address that opens a folder, or a file in it. */
export function folderUrl(url, folder) {
  return `${url}/?folder=${encodeURIComponent(folder)}`;
}
