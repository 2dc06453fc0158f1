/**
 * Runs `test/vscode/*.test.ts` with mocha inside the extension host of a real VS Code, over the packaged `.vsix`:
 * the tests are a tiny extension of their own.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';
import { launchBrowser } from './lib/tools.mjs';
import { startVsCode } from './lib/vscode.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const vsix = join(root, 'llm-loupe.vsix');
if (!existsSync(vsix)) throw new Error('llm-loupe.vsix is missing: run npm run package first.');

const work = mkdtempSync(join(tmpdir(), 'loupe-host-'));
const report = join(work, 'report.json');

/** One CommonJS bundle: every test file between mocha's set-up and its run. */
async function bundle() {
  const folder = join(root, 'test', 'vscode');
  const tests = readdirSync(folder).filter((name) => name.endsWith('.test.ts'));
  const entry = `
    import Mocha from 'mocha';
    import { writeFileSync } from 'node:fs';
    export async function run() {
      const mocha = new Mocha({ ui: 'bdd', timeout: 60_000, color: false });
      mocha.suite.emit('pre-require', globalThis, null, mocha);
      ${tests.map((name) => `require(${JSON.stringify(`./${name}`)});`).join('\n')}
      const results = [];
      await new Promise((resolve, reject) => {
        const runner = mocha.run((failures) => {
          writeFileSync(process.env.LOUPE_TEST_REPORT, JSON.stringify(results));
          failures ? reject(new Error(failures + ' failed')) : resolve();
        });
        runner.on('pass', (test) => results.push({ title: test.fullTitle(), passed: true, ms: test.duration }));
        runner.on('fail', (test, error) => results.push({ title: test.fullTitle(), passed: false, error: String(error.stack ?? error) }));
        runner.on('pending', (test) => results.push({ title: test.fullTitle(), skipped: true }));
      });
    }`;
  await esbuild.build({
    stdin: { contents: entry, resolveDir: folder, sourcefile: 'entry.ts', loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    external: ['vscode'],
    outfile: join(work, 'driver', 'index.js'),
    logLevel: 'warning',
  });
  const manifest = { name: 'loupe-tests', publisher: 'loupe', version: '0.0.1', engines: { vscode: '^1.100.0' } };
  writeFileSync(join(work, 'driver', 'package.json'), JSON.stringify(manifest));
}

function makeWorkspace() {
  const workspace = join(work, 'workspace');
  mkdirSync(workspace);
  for (const [name, text] of Object.entries({
    'hello.txt': 'Bonjour le monde, hello world.\n',
    'unicode.txt': 'naïve cœur 👩‍👩‍👧‍👦 e\u0301 שלום عربى\r\nsecond line\r\n',
    'code.ts': 'export function add(a: number, b: number): number {\n  return a + b;\n}\n'.repeat(200),
  }))
    writeFileSync(join(workspace, name), text);
  return workspace;
}

await bundle();
const workspace = makeWorkspace();
const server = await startVsCode({ vsix: [vsix], smokeDriver: true, environment: { LOUPE_TEST_REPORT: report } });
const browser = await launchBrowser();
let code = 1;
try {
  const page = await browser.newPage();
  const done = new Promise((resolve) => page.exposeFunction('codeAutomationExit', resolve));
  await page.exposeFunction('codeAutomationLog', () => {});
  const remote = (path) => `vscode-remote://127.0.0.1:${server.port}${path}`;
  const payload = [
    ['extensionDevelopmentPath', remote(join(work, 'driver'))],
    ['extensionTestsPath', remote(join(work, 'driver', 'index.js'))],
    ['skipWelcome', 'true'],
  ];
  await page.goto(`${server.url}/?folder=${encodeURIComponent(workspace)}&payload=${encodeURIComponent(JSON.stringify(payload))}`);
  const limit = new Promise((resolve) => setTimeout(() => resolve('timeout'), 10 * 60_000).unref());
  code = await Promise.race([done, limit]);
} finally {
  await browser.close();
  if (existsSync(report)) {
    const results = JSON.parse(readFileSync(report, 'utf8'));
    for (const result of results)
      console.log(
        result.skipped
          ? `  - ${result.title}`
          : result.passed
            ? `  ok ${result.title} (${result.ms} ms)`
            : `  FAILED ${result.title}\n${result.error}`,
      );
    const passed = results.filter((result) => result.passed).length;
    const failed = results.filter((result) => result.passed === false).length;
    console.log(`Inside VS Code: ${passed} passed, ${failed} failed`);
    if (results.length === 0 || failed) code = 1;
  } else {
    console.log(`The suite did not report (${code}). Server log:\n${readFileSync(server.log, 'utf8').slice(-4000)}`);
    code = 1;
  }
  await server.stop();
  rmSync(work, { recursive: true, force: true });
  console.log(`${basename(fileURLToPath(import.meta.url))}: ${code === 0 ? 'passed' : 'failed'}`);
}
process.exit(code === 0 ? 0 : 1);
