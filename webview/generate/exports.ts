/** What was generated, for programs: full precision. Ranks count from 1, as everywhere that people read them. */
import type { Candidate, GenerateStep } from '../../src/core/sample/types';
import type { OwnText } from '../../src/protocol/engine';
import { escaped, madeWith } from '../../src/protocol/exported';
import type { Generation } from './generateView';

/** With what made it, under the names of `llm-loupe generate --json`; while it is written only the model's name is known. */
export function generationJson(model: string, { steps, made, ...generation }: Generation) {
  return {
    ...(made ? { ...madeWith(made), context: { special: made.special }, promptIds: made.prompt } : { model }),
    ...generation,
    steps: steps.map((step) => ({ ...step, rank: step.rank + 1, top: step.top.map((one) => ({ ...one, ...ownText(one) })) })),
  };
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
        escaped(ownText(one)),
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

function ownText({ text, bytes }: Candidate): OwnText {
  return bytes ? { text: null, bytes } : { text };
}
