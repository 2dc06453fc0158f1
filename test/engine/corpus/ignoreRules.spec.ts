/** Random trees of `.gitignore` files against git itself. */
import { execFileSync, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { surveyCorpus } from '../../../src/engine/corpus/walk';
import { add, request, tree } from './tree';

const hasGit = spawnSync('git', ['--version']).status === 0;
const names = ['a', 'b', 'a.txt', 'b.log', '[x]', '#c', '!d'];
const name = fc.constantFrom(...names);
const glob = fc.constantFrom('*', 'end*', '*.txt', 'a*', '**', '?', '[ab]', '\\#c', '\\!d', '\\[x\\]', ...names.slice(0, 5));
const rule = fc
  .tuple(fc.constantFrom('', '!', '/', '!/'), fc.array(glob, { minLength: 1, maxLength: 3 }), fc.constantFrom('', '', '/'))
  .map(([start, parts, end]) => start + parts.join('/') + end);
const rules = fc.array(rule, { maxLength: 4 }).map((lines) => lines.join('\n'));
const folder = fc.array(fc.constantFrom('a', 'b', '[x]'), { maxLength: 2 });

test.skipIf(!hasGit)('ignores what git ignores', async () => {
  const root = tree();
  execFileSync('git', ['init', '-q', root]);
  const ignored = (paths: string[]) => {
    const run = spawnSync('git', ['-C', root, 'check-ignore', '-z', '--stdin', '--no-index'], { input: paths.join('\0') });
    return new Set(run.stdout.toString().split('\0').filter(Boolean));
  };
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(folder, rules), { minLength: 1, maxLength: 3 }),
      fc.array(fc.tuple(folder, name), { minLength: 1, maxLength: 8 }),
      async (ignores, files) => {
        for (const child of ['a', 'b', '[x]', 'a.txt', 'b.log', '#c', '!d', '.gitignore'])
          rmSync(join(root, child), { recursive: true, force: true });
        const paths = files.map(([parts, file]) => [...parts, file, 'end.txt'].join('/'));
        add(root, Object.fromEntries(paths.map((path) => [path, path])));
        for (const [parts, text] of ignores) add(root, { [[...parts, '.gitignore'].join('/')]: text });
        const survey = await surveyCorpus(request(root, { include: ['**/end.txt'] }));
        const mine = new Set(survey.files.flatMap((file) => (file.leftOut ? [] : [file.id.slice(2)])));
        const git = ignored(paths);
        for (const path of new Set(paths)) expect([path, mine.has(path)]).toEqual([path, !git.has(path)]);
      },
    ),
    { numRuns: 60 },
  );
});
