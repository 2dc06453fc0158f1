import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { shortest, toJson } from '../../src/cli/numbers';
import { choice, environmentName, integer, parseOptions, readEnvironment, real, text, texts, toggle } from '../../src/cli/options';
import { duration, quote, size, table } from '../../src/cli/output';
import { suggestion } from '../../src/cli/suggest';

const options = {
  out: text('--out', { help: '' }),
  stop: texts('--stop', { help: '' }),
  steps: integer('--steps', { min: 1, max: 100, help: '' }),
  temperature: real('--temperature', { help: '' }),
  topP: real('--top-p', { above: 0, max: 1, help: '' }),
  beta: real('--beta1', { below: 1, help: '' }),
  backend: choice('--backend', ['auto', 'cpu'], { help: '' }),
  json: toggle('--json', ''),
  help: toggle('--help', ''),
};
const values = (...args: string[]) => parseOptions(args, options).values;

describe('options', () => {
  test('values, switches, repeats and positionals', () => {
    const parsed = parseOptions(['a', '--steps', '5', '--json', '--stop', 'x', '--stop=y', '-', '--', '--steps'], options);
    expect(parsed.values).toEqual({ steps: 5, json: true, stop: ['x', 'y'] });
    expect(parsed.positionals).toEqual(['a', '-', '--steps']);
    expect(parsed.given).toEqual(['--steps', '--json', '--stop', '--stop']);
    expect(values('--steps', '5', '--steps', '7')).toEqual({ steps: 7 });
    expect(values('-h', '--temperature', '1e-3', '--top-p', '.5')).toEqual({ help: true, temperature: 0.001, topP: 0.5 });
  });

  test.each([
    [['--step', '5'], 'there is no option --step; did you mean --steps?'],
    [['--quux'], 'there is no option --quux'],
    [['-z'], 'there is no option -z'],
    [['--steps'], '--steps needs a value: --steps N'],
    [['--out', '--json'], '--out needs a value: --out TEXT'],
    [['--json=1'], '--json takes no value'],
    [['--steps', '0'], '--steps cannot be "0": it must be a whole number from 1 to 100'],
    [['--steps', '1.5'], '--steps cannot be "1.5": it must be a whole number from 1 to 100'],
    [['--steps', '1e2'], '--steps cannot be "1e2": it must be a whole number from 1 to 100'],
    [['--steps', '99999999999999999999'], '--steps cannot be "99999999999999999999": it must be a whole number from 1 to 100'],
    [['--temperature', '-1'], '--temperature cannot be "-1": it must be a number, 0 or more'],
    [['--temperature', '-.5'], '--temperature cannot be "-.5": it must be a number, 0 or more'],
    [['--temperature', 'NaN'], '--temperature cannot be "NaN": it must be a number, 0 or more'],
    [['--temperature', 'Infinity'], '--temperature cannot be "Infinity": it must be a number, 0 or more'],
    [['--temperature', ' '], '--temperature cannot be " ": it must be a number, 0 or more'],
    [['--top-p', '0'], '--top-p cannot be "0": it must be a number, above 0, at most 1'],
    [['--beta1', '1'], '--beta1 cannot be "1": it must be a number, 0 or more, below 1'],
    [['--backend', 'gpu'], '--backend cannot be "gpu": it must be one of auto, cpu'],
    [['--out', ''], '--out cannot be "": it must be something that is not empty'],
  ])('%j', (args, message) => expect(() => values(...args)).toThrow(message));

  test('the environment mirrors them', () => {
    expect(environmentName('--top-p')).toBe('LLM_LOUPE_TOP_P');
    const read = (environment: Record<string, string>) => readEnvironment(environment, options);
    expect(read({ LLM_LOUPE_STEPS: '7', LLM_LOUPE_JSON: '1', LLM_LOUPE_OUT: '', OTHER: 'x' })).toEqual({ steps: 7, json: true });
    expect(read({ LLM_LOUPE_JSON: '0' })).toEqual({});
    expect(() => read({ LLM_LOUPE_STEPS: 'many' })).toThrow('LLM_LOUPE_STEPS cannot be "many"');
    expect(() => read({ LLM_LOUPE_JSON: 'perhaps' })).toThrow('LLM_LOUPE_JSON cannot be "perhaps": it must be 1 or 0');
  });

  test('suggestions are near, or none', () => {
    const known = ['tokenize', 'train', 'generate'];
    expect(['tokenise', 'trian', 'genrate', 'zebra'].map((word) => suggestion(word, known))).toEqual([
      '; did you mean tokenize?',
      '; did you mean train?',
      '; did you mean generate?',
      '',
    ]);
  });
});

describe('numbers', () => {
  test('any float32 comes back from its shortest form', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const short = shortest(value);
        expect(Math.fround(short) === value).toBe(true);
        const digits = String(short)
          .replace(/e.*|[-.]/g, '')
          .replace(/^0+|0+$/g, '');
        expect(digits.length).toBeLessThanOrEqual(9);
      }),
    );
    expect([0.1, 0.3, 1e-7, -2.5, 1 / 3].map((x) => shortest(Math.fround(x)))).toEqual([0.1, 0.3, 1e-7, -2.5, 0.33333334]);
  });

  test('documents hold typed arrays as lists, and null where there is no number', () => {
    const document = {
      a: Float32Array.of(0.1, Number.NaN, Number.POSITIVE_INFINITY),
      b: Uint32Array.of(7),
      c: Number.NaN,
      d: 0.1 + 0.2,
      e: 'x\ud800',
    };
    expect(toJson(document)).toBe('{"a":[0.1,null,null],"b":[7],"c":null,"d":0.30000000000000004,"e":"x\\ud800"}');
  });
});

test('what people read', () => {
  expect([999, 1000, 999_999, 12_345_678, 2e12].map(size)).toEqual(['999 B', '1.0 kB', '1.0 MB', '12.3 MB', '2.0 TB']);
  expect([0.4, 59.6, 61, 3661].map(duration)).toEqual(['0 s', '1 min 00 s', '1 min 01 s', '1 h 01 min']);
  expect(quote(' é\n\u200d"')).toBe('" é\\n\\u200d\\""');
  expect(quote(null, [0xc3, 10])).toBe('\\xc3\\x0a');
  expect(
    table(
      ['n', 'text'],
      [
        ['1', 'a'],
        ['20', 'b'],
      ],
    ),
  ).toBe(' n  text\n 1  a\n20  b');
});
