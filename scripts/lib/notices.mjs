/** The licences of what is bundled: read from what esbuild really took in, so that none is forgotten and none is made up. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Folders of the packages whose files went into the bundles, `node_modules/...`, in order. */
function bundledPackages(metafiles) {
  const folders = new Set();
  for (const { inputs } of metafiles) {
    for (const path of Object.keys(inputs)) {
      const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path);
      if (found) folders.add(found[1]);
    }
  }
  return [...folders].sort();
}

/** @param {{ root: string, metafiles: import('esbuild').Metafile[], extra: string[], out: string }} options `extra`: packages whose files are copied */
export function writeNotices({ root, metafiles, extra, out }) {
  const folders = [...new Set([...bundledPackages(metafiles), ...extra.map((name) => `node_modules/${name}`)])].sort();
  const parts = folders.map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    const file = readdirSync(join(root, folder)).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
    if (!license && !file) throw new Error(`${name} says nothing about its licence.`);
    const text =
      file && existsSync(join(root, folder, file)) ? readFileSync(join(root, folder, file), 'utf8').trim() : `Licence: ${license}`;
    return `${name} ${version} (${license})\n\n${text}`;
  });
  const head = 'LLM Loupe contains code of these packages, under their licences.';
  writeFileSync(out, `${[head, ...parts].join(`\n\n${'-'.repeat(80)}\n\n`)}\n`);
}
