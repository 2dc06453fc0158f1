/** The words of errors. */
import { expect, test } from 'vitest';
import { errorTemplates } from '../../src/core/errors';

test('a notification has one line: where a file is named beside a reason, the reason comes first', () => {
  const paths = ['{file}', '{path}'];
  const broken = ['tokenizer.badFile', 'model.badConfig', 'file.broken'] as const;
  for (const template of broken.map((code) => errorTemplates[code])) {
    const path = Math.max(...paths.map((place) => template.indexOf(place)));
    expect(template.indexOf('{detail}')).toBeGreaterThan(0);
    expect(path).toBeGreaterThan(template.indexOf('{detail}'));
  }
});
