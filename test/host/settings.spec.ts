/** The editor and the command line leave out the same files unless told otherwise. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { train } from '../../src/cli/commands/train';
import { defaultMaxFileBytes } from '../../src/protocol/limits';

test('one default for the size of files that are too large', () => {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const sections: { properties: Record<string, { default: unknown }> }[] = [manifest.contributes.configuration].flat();
  const setting = sections.map(({ properties }) => properties['llmLoupe.corpus.maxFileSize']).find((each) => each !== undefined);
  expect(setting?.default).toBe(defaultMaxFileBytes / 1e6);
  expect(train.options.maxFileSize?.help).toContain(`default: ${defaultMaxFileBytes})`);
});
