/**
 * Builds, packs and installs the extension in a profile of its own, and opens it on a sample workspace: in desktop
 * VS Code where there is one, otherwise in a browser. Your own VS Code and its settings are not touched.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir, platform } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeSample } from './lib/sample.mjs';
import { cacheFolder } from './lib/tools.mjs';
import { folderUrl, startVsCode } from './lib/vscode.mjs';
import { packageVsix } from './package.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const profile = join(cacheFolder(), 'start');

function desktopVsCode() {
  const windows = platform() === 'win32';
  const inPath = (process.env.PATH ?? '').split(delimiter).flatMap((folder) => {
    return (windows ? ['code.cmd', 'codium.cmd'] : ['code', 'code-insiders', 'codium']).map((name) => join(folder, name));
  });
  const usual = {
    darwin: ['/Applications', join(homedir(), 'Applications')].flatMap((folder) => [
      join(folder, 'Visual Studio Code.app/Contents/Resources/app/bin/code'),
      join(folder, 'VSCodium.app/Contents/Resources/app/bin/codium'),
    ]),
    win32: [
      join(process.env.LOCALAPPDATA ?? '', 'Programs', 'Microsoft VS Code', 'bin', 'code.cmd'),
      join(process.env.ProgramFiles ?? 'C:\\Program Files', 'Microsoft VS Code', 'bin', 'code.cmd'),
    ],
    linux: ['/usr/share/code/bin/code', '/snap/bin/code', '/usr/bin/code', '/var/lib/flatpak/exports/bin/com.visualstudio.code'],
  };
  // The first that runs: a stale link or a wrapper without a desktop does not count.
  return [...inPath, ...(usual[platform()] ?? [])].find((path) => {
    return existsSync(path) && spawnSync(path, ['--version'], { shell: windows, timeout: 20_000 }).status === 0;
  });
}

function tryThis() {
  console.log('  1. Select a few words in README.md: their tokens appear, the status bar counts them.');
  console.log('  2. F1, "Loupe: Inspect Attention": what each attention head looks at in the selection.');
  console.log('  3. F1, "Loupe: Train on This Workspace", then "Loupe: Generate" to continue a text with the result.');
}

execFileSync(process.execPath, [join(root, 'scripts', 'build.mjs')], { stdio: 'inherit' });
const vsix = packageVsix();
const workspace = join(profile, 'workspace');
writeSample(workspace);
const desktop = process.argv.includes('--browser') ? undefined : desktopVsCode();

if (desktop) {
  const shell = platform() === 'win32';
  const folders = ['--user-data-dir', join(profile, 'desktop'), '--extensions-dir', join(profile, 'desktop-ext')];
  execFileSync(desktop, [...folders, '--install-extension', vsix, '--force'], { stdio: 'inherit', shell });
  spawn(desktop, [...folders, '--disable-workspace-trust', workspace, join(workspace, 'README.md')], {
    detached: true,
    stdio: 'ignore',
    shell,
  }).unref();
  console.log(`LLM Loupe is open in ${desktop} (a profile of its own). Try this:`);
  tryThis();
} else {
  const wanted = process.argv.find((argument) => argument.startsWith('--port='));
  const server = await startVsCode({
    vsix: [vsix],
    profile,
    signalStatus: 0, // Ctrl-C is how it is meant to end: npm has nothing to complain about
    settings: { 'workbench.startupEditor': 'readme' },
    ...(wanted ? { port: Number(wanted.slice('--port='.length)) } : {}),
  });
  console.log(`LLM Loupe is open at ${folderUrl(server.url, workspace)} (Ctrl-C ends it). Try this:`);
  tryThis();
}
