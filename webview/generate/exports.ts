/** Every step with its candidates as rows, for programs: full precision, one row a candidate. */
import type { GenerateStep } from '../../src/core/sample/types';

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
        chosen ? step.rank : i,
        step.kept,
        step.draw,
      ];
    }),
  );
  return [titles, ...rows];
}
