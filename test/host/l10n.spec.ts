/** English and French are both complete: every visible string has its translation, with the same places. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { errorTemplates } from '../../src/core/errors';
import { unsupportedParts } from '../../src/core/formats/huggingFaceConfig';
import { leftOutWords } from '../../src/core/words';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const json = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8')) as Record<string, string>;

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** What `t(...)`, `tn(...)` and `l10n.t(...)` are given: literals. */
function strings(file: string): string[] {
  const text = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  const found: string[] = [];
  for (const call of text.matchAll(/(?<![\w$])t\(\s*/g)) {
    const literal = /^(?:'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\$]|\\.)*)`)/.exec(text.slice(call.index + call[0].length));
    const value = literal?.[1] ?? literal?.[2] ?? literal?.[3];
    if (value !== undefined)
      found.push(
        value.replace(/\\u\{?([0-9a-fA-F]+)\}?/g, (_, code) => String.fromCodePoint(Number.parseInt(code, 16))).replace(/\\(.)/g, '$1'),
      );
  }
  // One and several, after what is counted.
  for (const [, one, other] of text.matchAll(/(?<![\w$])tn\([^'"`;]*'([^'\n]+)',\s*'([^'\n]+)'/g)) found.push(one!, other!);
  return found;
}

const places = (text: string) => [...new Set([...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]))].sort();
const french = json('l10n/bundle.l10n.fr.json');

const used = new Map<string, string>();
for (const file of [...sources('src/host'), ...sources('webview')]) {
  if (file.endsWith('fixtures.ts') || relative(root, file).startsWith('webview/gallery')) continue;
  for (const text of strings(file)) used.set(text, relative(root, file));
}
// Warnings of a training, which the dashboard translates.
for (const file of [...sources('src/core'), ...sources('src/engine')]) {
  for (const [, text] of readFileSync(file, 'utf8').matchAll(/(?:type: 'warning',\s+message:|template =) '([^']+)'/g))
    used.set(text!, relative(root, file));
}
for (const text of unsupportedParts) used.set(text, 'huggingFaceConfig.ts');
for (const text of Object.values(leftOutWords).flat()) used.set(text, 'words.ts');
for (const [code, text] of Object.entries(errorTemplates)) used.set(text, `errors.ts (${code})`);

test('the sources are read', () => {
  expect(used.size).toBeGreaterThan(150);
  expect(used.has('Train on This Workspace')).toBe(true);
});

test('every string of the extension and of the panels has its French', () => {
  expect([...used].filter(([text]) => !(text in french)).map(([text, file]) => `${file}: ${text}`)).toEqual([]);
});

test('translations have the places of the original', () => {
  expect(Object.entries(french).filter(([english, words]) => places(english).join() !== places(words).join())).toEqual([]);
});

test('French is written with its own signs', () => {
  expect(Object.values(french).filter((text) => /'|[^\u202f\u00a0][;?!»]|«[^\u202f\u00a0]/.test(text))).toEqual([]);
});

const manifest = readFileSync(join(root, 'package.json'), 'utf8');
const keys = [...manifest.matchAll(/"%([\w.]+)%"/g)].map((match) => match[1]!);

test.each(['package.nls.json', 'package.nls.fr.json'])('%s holds exactly the keys of the manifest', (file) => {
  expect(Object.keys(json(file)).sort()).toEqual([...new Set(keys)].sort());
});

test('every visible string of the manifest is a key', () => {
  const visible = /"(title|category|description|markdownDescription|displayName)": "([^"]*)"/g;
  const plain = [...manifest.matchAll(visible)].filter(([, , text]) => !text!.startsWith('%')).map(([, , text]) => text);
  expect([...new Set(plain)]).toEqual(['LLM Loupe']);
});

test('every declared command is registered, and every key and menu names a declared one', () => {
  const { contributes } = JSON.parse(manifest) as {
    contributes: { commands: { command: string }[]; keybindings: { command: string }[]; menus: Record<string, { command: string }[]> };
  };
  const declared = contributes.commands.map(({ command }) => command);
  const text = sources('src/host')
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
  const registered = [...text.matchAll(/(?:command|registerCommand)\(\s*'(llmLoupe\.\w+)'/g)].map((match) => match[1]!);
  expect(declared.filter((command) => !registered.includes(command))).toEqual([]);
  const named = [...contributes.keybindings, ...Object.values(contributes.menus).flat()].map(({ command }) => command);
  expect(named.filter((command) => command.startsWith('llmLoupe.') && !declared.includes(command))).toEqual([]);
});
