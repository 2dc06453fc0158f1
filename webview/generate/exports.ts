/** What was generated, for programs: full precision. Ranks count from 1, as everywhere that people read them. */
import type { GenerateStep } from '../../src/core/sample/types';
import type { Generation } from './generateView';

export function generationJson({ steps, ...generation }: Generation) {
  return { ...generation, steps: steps.map((step) => ({ ...step, rank: step.rank + 1 })) };
}

/** Every step with its candidates as rows, one row a candidate. */
export function stepRows(steps: readonly GenerateStep[]): (string | number)[][] {
  const titles = ['position', 'chosen', 'token', 'text', 'logit', 'probability', 'drawn', 'rank', 'kept', 'draw'];
  const rows = steps.flatMap((step, position) =>
    step.top.map((one, i): (string | number)[] => {
      const chosen = one.id === step.id;
      return [
        position,
        chosen ? 1 : 0,
        one.id,
        one.text,
        one.logit,
        one.probability,
        one.drawn,
        (chosen ? step.rank : i) + 1,
        step.kept,
        step.draw,
      ];
    }),
  );
  return [titles, ...rows];
}
