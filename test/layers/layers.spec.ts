/** The rule of the house, in words: which room may import which. The compiler and the linter hold it too; this says it. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** What each room may import: other rooms, and packages or Node by pattern. */
const rule: Record<string, { rooms: string[]; packages: RegExp; words: string }> = {
  'src/core': {
    rooms: [],
    packages: /^(gpt-tokenizer|@huggingface\/tokenizers)(\/|$)/,
    words: 'core is pure TypeScript: no vscode, no Node, no DOM, no other room',
  },
  'src/backend': { rooms: ['src/core'], packages: /^(@tensorflow\/|node:)/, words: 'backend knows core' },
  'src/protocol': { rooms: ['src/core'], packages: /^$/, words: 'protocol knows types of core' },
  'src/engine': {
    rooms: ['src/core', 'src/backend', 'src/protocol'],
    packages: /^(node:|ignore$|picomatch$)/,
    words: 'engine knows core, backend and protocol, and no vscode',
  },
  'src/client': { rooms: ['src/core', 'src/protocol'], packages: /^node:/, words: 'client knows protocol only: it starts the realms' },
  'src/host': {
    rooms: ['src/core', 'src/protocol', 'src/client'],
    packages: /^(vscode$|node:)/,
    words: 'host never loads the model into its own thread',
  },
  'src/cli': { rooms: ['src/core', 'src/protocol', 'src/client'], packages: /^node:/, words: 'the command line holds no model logic' },
  webview: {
    rooms: ['src/core', 'src/protocol'],
    packages: /^(uplot|@vscode-elements\/|@vscode\/codicons)/,
    words: 'webview knows protocol and types of core',
  },
};
/** Files of core that the rooms outside the engine may load for real: words, and arithmetic on what is shown, without tensors; everything else must be types. */
const values =
  /^src\/core\/(errors|platform|words|train\/(batches|curveDigest|forecast|schedule)|tokenizer\/(learning|sequence)|formats\/(python|tfevents)|sample\/window)$/;

function files(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
}

function imports(file: string): { target: string; typeOnly: boolean }[] {
  const text = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
  const found = [
    ...text.matchAll(
      /^\s*(?:import|export)\s+(type\s)?[^'";]*?from\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm,
    ),
  ];
  return found.map((match) => ({ target: (match[2] ?? match[3] ?? match[4])!, typeOnly: match[1] !== undefined }));
}

function roomOf(path: string): string | undefined {
  return Object.keys(rule).find((room) => path === room || path.startsWith(`${room}/`));
}

for (const [room, allowed] of Object.entries(rule)) {
  test(`${room}: ${allowed.words}`, () => {
    const wrong: string[] = [];
    for (const file of files(room)) {
      const name = relative(root, file).split(sep).join('/');
      for (const { target, typeOnly } of imports(file)) {
        if (!target.startsWith('.')) {
          const tensor = target.startsWith('@tensorflow/') && name === 'src/core/tf.ts';
          const style = target.endsWith('.css');
          if (!tensor && !style && !allowed.packages.test(target)) wrong.push(`${name} imports ${target}`);
          continue;
        }
        const path = relative(root, resolve(dirname(file), target))
          .split(sep)
          .join('/');
        const other = roomOf(path);
        if (other === undefined) {
          if (!/^(package\.json|media\/)/.test(path)) wrong.push(`${name} imports ${path}, which is in no room`);
        } else if (other !== room && !allowed.rooms.includes(other)) wrong.push(`${name} imports ${path}`);
        else if (other === 'src/core' && ['src/host', 'src/cli', 'src/client', 'webview'].includes(room) && !typeOnly && !values.test(path))
          wrong.push(`${name} imports the code of ${path}: only its types may be imported (\`import type\`)`);
      }
    }
    expect(wrong).toEqual([]);
  });
}
