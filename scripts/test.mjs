/**
 * The whole proof, in order: types, lint, unit tests, the panels in a browser (with axe-core), the suites inside VS Code,
 * the user interface over the packaged `.vsix`. `--only types,unit` runs some; without it, all run even when one fails.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bin = (name) => join(root, 'node_modules', '.bin', process.platform === 'win32' ? `${name}.cmd` : name);
const node = (...args) => [process.execPath, args];

const steps = {
  types: () => [bin('tsc'), ['-b']],
  lint: () => [bin('biome'), ['check', '.', '--error-on-warnings']],
  package: () => node(join(root, 'scripts', 'package.mjs')),
  unit: () => [bin('vitest'), ['run']],
  gallery: () => node(join(root, 'scripts', 'gallery.mjs'), '--check'),
  host: () => node(join(root, 'scripts', 'test-host.mjs')),
  ui: () => [bin('vitest'), ['run', '--config', 'vitest.ui.config.mjs']],
};

const only =
  process.argv.find((argument) => argument.startsWith('--only'))?.split('=')[1] ?? process.argv[process.argv.indexOf('--only') + 1];
const chosen = process.argv.some((argument) => argument.startsWith('--only')) ? only.split(',') : Object.keys(steps);

/** Exit status of a step that hung before it could say anything (`test-host.mjs`): it has said where, and is given another try. */
const silent = 75;
const results = [];
for (const name of chosen) {
  const step = steps[name];
  if (!step) throw new Error(`No step called "${name}": ${Object.keys(steps).join(', ')}`);
  const [command, args] = step();
  if (!existsSync(command)) throw new Error(`${command} is missing: run npm ci first.`);
  console.log(`\n=== ${name}`);
  const started = performance.now();
  const run = () => spawnSync(command, args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' }).status;
  let status = run();
  if (status === silent) {
    console.log(`\n=== ${name}, once more: it did not report`);
    status = run();
  }
  results.push({ name, passed: status === 0, seconds: (performance.now() - started) / 1000 });
}

console.log('\n=== summary');
for (const { name, passed, seconds } of results)
  console.log(`${passed ? 'passed' : 'FAILED'}  ${name.padEnd(8)} ${seconds.toFixed(0).padStart(5)} s`);
const failed = results.filter((result) => !result.passed).length;
console.log(`${results.length - failed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
