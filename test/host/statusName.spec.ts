import { expect, test } from 'vitest';
import { statusName } from '../../src/host/services/statusName';

test('a name of the status bar keeps what fits, and of a long one both ends', () => {
  expect(statusName('starter')).toBe('starter');
  expect(statusName('eighteen-character')).toBe('eighteen-character');
  expect(statusName('my-great-workspace-micro-12')).toBe('my-great-…micro-12');
  expect([...statusName('👩'.repeat(40))].length).toBe(18);
  expect(statusName('$(flame)')).toBe('$ (flame)');
});
