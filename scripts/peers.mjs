/**
 * Sets up what `npm run bench` measures us against, once, in the cache folder outside the project: `npm run peers`, or some of
 * them: `npm run peers -- python tfjs-node llama2c`. Nothing of the project needs them, and continuous integration does not have
 * them. What cannot be had on this machine is said, and the others go on.
 *
 * What somebody already has is named instead: `LOUPE_PYTHON`, `LOUPE_TFJS_NODE`, `LOUPE_LLAMA2C` (see `lib/peers.mjs`).
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findPeers, peersFolder, pythonModules } from './lib/peers.mjs';
import { installPython } from './peers/python.mjs';
import { installTfjsNode } from './peers/tfjsNode.mjs';

const installers = { python: installPython, 'tfjs-node': installTfjsNode, llama2c: installLlama2c };

/** Karpathy's llama2.c, MIT licence, at the commit that `test/bench/peers/llama2c.c` was written for. */
async function installLlama2c(folder) {
  const commit = 'bd182289c596fa6059eb7b3b7c8ccd04b5c90fc3';
  const answer = await fetch(`https://raw.githubusercontent.com/karpathy/llama2.c/${commit}/run.c`);
  if (!answer.ok) throw new Error(`${answer.url}: ${answer.status}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'run.c'), await answer.text());
}

const present = () => {
  const { python, tfjsNode, llama2c } = findPeers();
  const missing = pythonModules.filter((name) => !python?.modules.includes(name));
  return { python: missing.length === 0, 'tfjs-node': tfjsNode !== null, llama2c: llama2c !== null };
};

const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(installers);
for (const name of wanted) {
  const install = installers[name];
  if (!install) throw new Error(`No peer called "${name}": ${Object.keys(installers).join(', ')}`);
  if (present()[name]) {
    console.log(`${name}: is there`);
    continue;
  }
  console.log(`${name}: setting up in ${peersFolder()}`);
  try {
    mkdirSync(peersFolder(), { recursive: true });
    await install(join(peersFolder(), name));
    console.log(`${name}: ${present()[name] ? 'ready' : 'is not whole'}`);
  } catch (error) {
    console.log(`${name}: could not be set up: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}
