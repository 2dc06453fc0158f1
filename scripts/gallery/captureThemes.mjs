/**
 * Writes `themes.json`: the CSS variables that VS Code itself gives to a webview in its four default themes.
 * Run by hand when the supported VS Code moves on: `node scripts/gallery/captureThemes.mjs`. Needs code-server (tools.mjs fetches it).
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { launchBrowser } from '../lib/tools.mjs';
import { folderUrl, startVsCode } from '../lib/vscode.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const themes = {
  dark: 'Dark Modern',
  light: 'Light Modern',
  'hc-black': 'Default High Contrast',
  'hc-light': 'Default High Contrast Light',
};

/** An extension whose only webview opens at start. */
function probe(folder) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({
      name: 'probe',
      publisher: 'loupe',
      version: '0.0.1',
      engines: { vscode: '^1.100.0' },
      main: './main.js',
      activationEvents: ['onStartupFinished'],
    }),
  );
  writeFileSync(
    join(folder, 'main.js'),
    `exports.activate = () => { require('vscode').window.createWebviewPanel('probe', 'Probe', 1, { enableScripts: true }).webview.html = '<!doctype html><p>probe</p>'; };`,
  );
}

const work = mkdtempSync(join(tmpdir(), 'loupe-themes-'));
probe(join(work, 'probe'));
const profile = join(work, 'profile');
const vsix = join(work, 'probe.vsix');
const vsce = join(here, '../../node_modules/@vscode/vsce/vsce');
execFileSync(process.execPath, [vsce, 'package', '--no-dependencies', '--allow-missing-repository', '--skip-license', '--out', vsix], {
  cwd: join(work, 'probe'),
});
const vscode = await startVsCode({ profile, vsix: [vsix], settings: { 'window.autoDetectColorScheme': false } });
const browser = await launchBrowser();
const captured = {};
try {
  const settingsFile = join(profile, 'ud', 'User', 'settings.json');
  for (const [kind, name] of Object.entries(themes)) {
    const settings = JSON.parse(readFileSync(settingsFile, 'utf8'));
    writeFileSync(settingsFile, JSON.stringify({ ...settings, 'workbench.colorTheme': name }));
    const page = await browser.newPage();
    await page.goto(folderUrl(vscode.url, join(work, 'probe')));
    const frame = page.locator('iframe.webview.ready').first().contentFrame().locator('#active-frame').contentFrame();
    await frame.locator('p').waitFor({ timeout: 60_000 });
    const read = () =>
      frame.locator('html').evaluate((html) => ({
        kind: html.ownerDocument.body.dataset.vscodeThemeKind,
        id: html.ownerDocument.body.dataset.vscodeThemeId,
        variables: Object.fromEntries(
          [...html.style].filter((key) => key.startsWith('--vscode-')).map((key) => [key, html.style.getPropertyValue(key).trim()]),
        ),
        style: html.ownerDocument.getElementById('_defaultStyles')?.textContent ?? '',
      }));
    let found = await read();
    for (let tries = 0; tries < 50 && found.id !== name; tries++) {
      await sleep(200);
      found = await read();
    }
    if (found.id !== name) throw new Error(`${name} was asked for, the webview has ${found.id}`);
    captured[kind] = { id: found.id, kind: found.kind, variables: Object.fromEntries(Object.entries(found.variables).sort()) };
    captured.style = found.style;
    console.log(`${kind}: ${found.id}, ${Object.keys(found.variables).length} variables`);
    await page.close();
  }
} finally {
  await browser.close();
  await vscode.stop();
  rmSync(work, { recursive: true, force: true });
}
writeFileSync(join(here, 'themes.json'), `${JSON.stringify(captured, null, 2)}\n`);
