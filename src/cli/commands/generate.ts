import type { GenerateStep } from '../../core/sample/types';
import { madeWith } from '../../protocol/exported';
import { command } from '../command';
import { namesOf } from '../entries';
import { readText } from '../input';
import { refuseTokenizer } from '../model';
import { integer, real, texts } from '../options';

export const generate = command({
  name: 'generate',
  usage: '[PROMPT]',
  summary: 'continues a text; without a prompt, from <bos>; a prompt of - is read from standard input',
  notes: ['In JSON, logprob is in nats, and rank counts from 1, the most probable.'],
  example: "llm-loupe generate 'Il était une fois' --max-tokens 60 --temperature 0.8 --seed 7",
  arguments: [0, 1],
  options: {
    maxTokens: integer('--max-tokens', { max: 1_000_000, help: 'at most so many tokens (default: 100)' }),
    temperature: real('--temperature', { value: 'T', help: '0 is greedy (default: 0.8)' }),
    topK: integer('--top-k', { value: 'K', help: 'draw from the K most probable; 0 keeps all (default: 0)' }),
    topP: real('--top-p', { above: 0, max: 1, value: 'P', help: 'draw from the fewest that reach probability P (default: 0.95)' }),
    minP: real('--min-p', { max: 1, value: 'P', help: 'leave out what is below P times the most probable (default: 0)' }),
    stop: texts('--stop', { help: 'end before this text; may be given more than once' }),
    count: integer('--count', {
      min: 1,
      max: 10_000,
      help: 'so many texts, each with the next seed; JSON is then {samples: [...]} (default: 1)',
    }),
  },
  async run(context) {
    const { options, positionals, out, engine, model } = context;
    refuseTokenizer(context);
    const { maxTokens = 100, temperature = 0.8, topK = 0, topP = 0.95, minP = 0, stop = [], count = 1, seed = 0 } = options;
    const prompt = positionals[0] === '-' ? await readText('-') : (positionals[0] ?? '');
    const samples: unknown[] = [];
    for (let index = 0; index < count; index++) {
      const settings = { temperature, topK, topP, minP, seed: seed + index };
      const steps: GenerateStep[] = [];
      let written = Promise.resolve();
      const onProgress = (step: GenerateStep) => {
        if (out.json) steps.push(step);
        else written = written.then(() => out.write(step.text));
        // What goes wrong with the output is said when it is awaited below.
        written.catch(() => undefined);
      };
      if (!out.json && index > 0) await out.line('');
      const {
        special,
        text,
        prompt: ids,
        finish,
        tokensPerSecond,
        ...made
      } = await engine().inspect.generate({ model, prompt, maxTokens, stop, settings }, { onProgress });
      await written;
      if (!out.json) await out.line('');
      else {
        const written = { text, prompt: ids, finish, tokensPerSecond, seed: settings.seed, steps: await withNames(steps) };
        samples.push({ ...madeWith(made), context: { special }, settings, ...written });
      }
    }

    /** Candidates as JSON gives tokens: a text that is not valid UTF-8 is null. */
    async function withNames(steps: readonly GenerateStep[]) {
      const ids = steps.flatMap(({ top }) => top.map(({ id }) => id));
      const name = await namesOf(engine().text, model, ids);
      return steps.map((step) => ({ ...step, rank: step.rank + 1, top: step.top.map((each) => ({ ...each, ...name(each.id) })) }));
    }
    if (out.json) await out.document(count === 1 ? samples[0] : { samples });
  },
});
