/**
 * Runs `test/vscode` with mocha inside the extension host of a real VS Code, over the packaged `.vsix`: the tests are a tiny
 * extension of their own. Three stages: `*.test.ts`, then `reloaded/*.test.ts` after a reload of the same window, then
 * `untrusted/*.test.ts` in a workspace that is not trusted. `--only tokens,reloaded/panels` chooses files.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import esbuild from 'esbuild';
import { launchBrowser } from './lib/tools.mjs';
import { startVsCode } from './lib/vscode.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const vsix = join(root, 'llm-loupe.vsix');
if (!existsSync(vsix)) throw new Error('llm-loupe.vsix is missing: run npm run package first.');
const only = parseArgs({ options: { only: { type: 'string' } } }).values.only?.split(',');

const work = mkdtempSync(join(tmpdir(), 'loupe-host-'));
const driver = join(work, 'driver');
const report = join(work, 'report.json');
const stageFile = join(work, 'stage');
/** The test that runs now. */
const running = `${report}.running`;
/** A stage hung, and nobody knows whether its tests would have passed. */
let silent = false;

const suffix = '.test.ts';
const stages = [
  { name: 'first', folder: '' },
  { name: 'reloaded', folder: 'reloaded' },
  { name: 'untrusted', folder: 'untrusted' },
].map((stage) => {
  const files = readdirSync(join(root, 'test', 'vscode', stage.folder))
    .filter((name) => name.endsWith(suffix))
    .map((name) => join(stage.folder, name.slice(0, -suffix.length)).replaceAll('\\', '/'))
    .filter((name) => !only || only.includes(name));
  return { ...stage, files };
});

/** One CommonJS bundle: the test files of the stage that runs, between mocha's set-up and its run. */
async function bundle() {
  mkdirSync(driver);
  const load = (file) => `require(${JSON.stringify(`./${file}${suffix}`)});`;
  const entry = `
    import Mocha from 'mocha';
    import { readFileSync, renameSync, writeFileSync } from 'node:fs';
    const stages = { ${stages.map(({ name, files }) => `${name}() { ${files.map(load).join(' ')} }`).join(',\n')} };
    export async function run() {
      const mocha = new Mocha({ ui: 'bdd', timeout: 60_000, color: false });
      mocha.suite.emit('pre-require', globalThis, null, mocha);
      stages[readFileSync(process.env.LOUPE_TEST_STAGE, 'utf8')]();
      const results = [];
      mocha.run(() => {
        // Renamed, so that whoever waits for it finds it whole.
        writeFileSync(process.env.LOUPE_TEST_REPORT + '.new', JSON.stringify(results));
        renameSync(process.env.LOUPE_TEST_REPORT + '.new', process.env.LOUPE_TEST_REPORT);
      })
        .on('test', (test) => writeFileSync(process.env.LOUPE_TEST_REPORT + '.running', test.fullTitle()))
        .on('pass', (test) => results.push({ title: test.fullTitle(), passed: true, ms: test.duration }))
        .on('fail', (test, error) => results.push({ title: test.fullTitle(), passed: false, error: String(error.stack ?? error) }))
        .on('pending', (test) => results.push({ title: test.fullTitle(), skipped: true }));
      // Where tests end, VS Code ends the extensions and their panels: they live until the window is reloaded or closed.
      await new Promise(() => {});
    }`;
  await esbuild.build({
    stdin: { contents: entry, resolveDir: join(root, 'test', 'vscode'), sourcefile: 'entry.ts', loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    // Mocha looks for files beside itself: it is taken from where it is installed.
    external: ['vscode', 'mocha'],
    outfile: join(driver, 'index.js'),
    logLevel: 'warning',
  });
  symlinkSync(join(root, 'node_modules'), join(driver, 'node_modules'), 'junction');
  const manifest = {
    ...{ name: 'loupe-tests', publisher: 'loupe', version: '0.0.1', engines: { vscode: '^1.100.0' } },
    capabilities: { untrustedWorkspaces: { supported: true } },
  };
  writeFileSync(join(driver, 'package.json'), JSON.stringify(manifest));
}

function makeWorkspace(name, files) {
  const workspace = join(work, name);
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(workspace, file)), { recursive: true });
    writeFileSync(join(workspace, file), text);
  }
  return workspace;
}

const cell = { cell_type: 'code', metadata: {}, outputs: [], execution_count: null, source: ['print("hello world")\n'] };
const files = {
  'hello.txt': 'Bonjour le monde, hello world.\n',
  'unicode.txt': 'naïve cœur 👩‍👩‍👧‍👦 e\u0301 שלום عربى\r\nsecond line\r\n',
  'code.ts': 'export function add(a: number, b: number): number {\n  return a + b;\n}\n'.repeat(200),
  'other.ts': 'export const one = 1;\n'.repeat(20),
  'notes.ipynb': JSON.stringify({ cells: [cell], metadata: {}, nbformat: 4, nbformat_minor: 5 }),
  // Too large for a repository; training leaves them out.
  'large/many-lines.txt': Array.from({ length: 200_000 }, (_, i) => `Line ${i}: the quick brown fox, ${i * 7919}.\n`).join(''),
  'large/one-line.txt': 'lorem ipsum dolor sit amet '.repeat(80_000),
  'large/dense.txt': `${'a = b; '.repeat(300)}\n`.repeat(200),
  '.vscode/settings.json': JSON.stringify({ 'llmLoupe.corpus.exclude': ['large/**', '*.ipynb'] }),
};
/** What a stranger's workspace might hold. */
const hostile = {
  'hello.txt': files['hello.txt'],
  '.vscode/settings.json': JSON.stringify({
    ...{ 'llmLoupe.model': '/a/model/of/a/stranger', 'llmLoupe.tokens.tokenizers': ['/a/tokenizer/of/a/stranger'] },
    ...{ 'llmLoupe.backend': 'cpu', 'llmLoupe.threads': 64 },
  }),
};

/** Opens a workspace with the tests, which then run. */
async function openWorkspace(page, server, workspace) {
  const remote = (path) => `vscode-remote://127.0.0.1:${server.port}${path}`;
  const payload = [
    ['extensionDevelopmentPath', remote(driver)],
    ['extensionTestsPath', remote(join(driver, 'index.js'))],
    ['skipWelcome', 'true'],
  ];
  await page.goto(`${server.url}/?folder=${encodeURIComponent(workspace)}&payload=${encodeURIComponent(JSON.stringify(payload))}`);
}

/** Reloads the window as a user does, so that it keeps what it keeps; the tests of the next stage run by themselves. */
async function reloadWindow(page) {
  await page.keyboard.press('F1');
  const input = page.locator('.quick-input-widget input.input');
  await input.waitFor();
  await input.fill('>Developer: Reload Window');
  await page.locator('.quick-input-list .monaco-list-row', { hasText: 'Reload Window' }).first().waitFor();
  await page.keyboard.press('Enter');
}

/** Waits for the report of a stage and prints it. */
async function finishStage(stage, server, thrown) {
  const limit = performance.now() + 8 * 60_000;
  while (!existsSync(report) && performance.now() < limit) await sleep(200);
  if (!existsSync(report)) {
    const log = readFileSync(server.log, 'utf8');
    console.log(`The stage "${stage.name}" did not report. Server log:\n${log.slice(-4000)}`);
    console.log(`It was running: ${existsSync(running) ? readFileSync(running, 'utf8') : 'nothing yet'}\n${threadsOf(log)}`);
    silent = true;
    return { passed: 0, failed: 1 };
  }
  const results = JSON.parse(readFileSync(report, 'utf8'));
  // What the extension throws into VS Code's hands (listeners, providers) arrives in the page's console and nowhere else.
  for (const error of thrown.splice(0)) results.push({ title: `${stage.name}: nothing is thrown`, passed: false, error });
  for (const { title, passed, skipped, ms, error } of results) {
    if (skipped) console.log(`  - ${title}`);
    else console.log(passed ? `  ok ${title} (${ms} ms)` : `  FAILED ${title}\n${error}`);
  }
  const passed = results.filter((result) => result.passed).length;
  const failed = results.filter((result) => result.passed === false).length;
  // A stage that ran nothing proves nothing.
  return { passed, failed: passed + failed === 0 ? 1 : failed };
}

/** What the threads of the extension host have computed, the busiest first: which of them holds it. Linux only. */
function threadsOf(log) {
  const id = log.match(/<(\d+)> Launched Extension Host Process/)?.[1];
  const tasks = `/proc/${id}/task`;
  if (!id || !existsSync(tasks)) return '';
  const threads = readdirSync(tasks).map((task) => {
    const stat = readFileSync(join(tasks, task, 'stat'), 'latin1');
    const [state, ...numbers] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { task, name: stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')')), state, ticks: Number(numbers[10]) };
  });
  const busiest = threads.sort((a, b) => b.ticks - a.ticks).slice(0, 6);
  return busiest.map(({ task, name, state, ticks }) => `${task === id ? 'main thread' : name} ${state} ${ticks} ticks`).join('\n');
}

/** Runs stages one after the other in one VS Code and one browser. */
async function runStages(chosen, workspace, { trust, settings }) {
  const total = { passed: 0, failed: 0 };
  if (chosen.length === 0) return total;
  const server = await startVsCode({
    ...{ vsix: [vsix], smokeDriver: true, environment: { LOUPE_TEST_REPORT: report, LOUPE_TEST_STAGE: stageFile }, trust },
    // In a browser VS Code would save what the tests type.
    settings: { 'files.autoSave': 'off', ...settings },
  });
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    const thrown = [];
    page.on('console', (message) => {
      const text = message.text();
      if (message.type() === 'error' && text.includes('llm-loupe.llm-loupe')) thrown.push(text.split('\n').slice(0, 6).join('\n'));
    });
    await page.exposeFunction('codeAutomationExit', () => {});
    await page.exposeFunction('codeAutomationLog', () => {});
    for (const [i, stage] of chosen.entries()) {
      writeFileSync(stageFile, stage.name);
      rmSync(report, { force: true });
      if (i === 0) await openWorkspace(page, server, workspace);
      else await reloadWindow(page);
      const { passed, failed } = await finishStage(stage, server, thrown);
      total.passed += passed;
      total.failed += failed;
    }
  } finally {
    await browser.close();
    await server.stop();
  }
  return total;
}

let total = { passed: 0, failed: 1 };
try {
  await bundle();
  const wanted = (...names) => stages.filter(({ name, files }) => names.includes(name) && files.length > 0);
  const trusted = await runStages(wanted('first', 'reloaded'), makeWorkspace('workspace', files), { trust: false });
  const settings = { 'security.workspace.trust.startupPrompt': 'never', 'security.workspace.trust.banner': 'never' };
  const untrusted = await runStages(wanted('untrusted'), makeWorkspace('stranger', hostile), { trust: true, settings });
  total = { passed: trusted.passed + untrusted.passed, failed: trusted.failed + untrusted.failed };
} finally {
  rmSync(work, { recursive: true, force: true });
}
console.log(`Inside VS Code: ${total.passed} passed, ${total.failed} failed`);
console.log(`${basename(fileURLToPath(import.meta.url))}: ${total.failed === 0 ? 'passed' : 'failed'}`);
process.exit(total.failed === 0 ? 0 : silent ? 75 : 1);
