import { expect, test } from 'vitest';
import { isOfRun, nearest, refOf, stepOf } from '../../src/host/services/runSteps';

test('a step is named as the engine names it, and known again', () => {
  expect([refOf('a', null), refOf('a', 0), refOf('a', 300)]).toEqual(['run:a', 'run:a@start', 'run:a@300']);
  for (const step of [null, 0, 300]) expect(stepOf(refOf('a', step), 'a')).toBe(step);
  expect(stepOf('run:a@live', 'a')).toBeNull();
  expect(stepOf('run:ab@300', 'a')).toBeNull();
  expect(['run:a', 'run:a@live', 'run:ab', 'starter'].map((ref) => isOfRun(ref, 'a'))).toEqual([true, true, false, false]);
  expect(nearest([0, 200, 400], 300)).toBe(400);
  expect(nearest([0, 200, 400], 90)).toBe(0);
});
