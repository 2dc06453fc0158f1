/** What needs no engine: help, version, wrong usage. */
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { shared } from '../../src/cli/command';
import { commands } from '../../src/cli/commands';
import { commandHelp, generalHelp } from '../../src/cli/usage';
import { buildCli, type Cli, oneLine } from './cli';

let cli: Cli;
beforeAll(async () => {
  cli = await buildCli();
});

test('the commands are those of the contract, and what does not exist yet is not listed', () => {
  expect(commands.map(({ name }) => name).sort()).toEqual(
    'activations analogy attend bench detokenize generate info merges neighbours score tokenize,tokenizer train,train'
      .split(',')
      .flatMap((names, index) => (index === 0 ? names.split(' ') : [names]))
      .sort(),
  );
});

test('every help has its usage, all options and an example that runs this command', () => {
  for (const command of commands) {
    const help = commandHelp(command);
    expect(help.split('\n')[0]).toBe(`Usage: llm-loupe ${`${command.name} ${command.usage}`.trim()}`);
    for (const { flag } of Object.values({ ...shared, ...command.options })) expect(help).toContain(`  ${flag}`);
    expect(command.example).toContain(`llm-loupe ${command.name}`);
    expect(help.split('\n').filter((line) => line.length > 120)).toEqual([]);
    expect(generalHelp(commands)).toContain(command.summary);
  }
});

test('the help of score says how it reads a text longer than the context, and from where ranks count', () => {
  const help = commandHelp(commands.find(({ name }) => name === 'score')!);
  expect(help).toMatch(/windows as long as the context that step by half of it, each\n {2}behind <bos>/);
  expect(help).toContain('rank counts from 1');
});

test('flags are written once, and no command takes one that is shared', () => {
  for (const { options } of commands) {
    const flags = Object.values({ ...options, ...shared }).map(({ flag }) => flag);
    expect(new Set(flags).size).toBe(Object.keys(options).length + Object.keys(shared).length);
  }
});

describe('as a process', () => {
  test('--help and --version are answers, not errors', async () => {
    const [general, command, version] = await Promise.all([cli.run(['--help']), cli.run(['train', '-h']), cli.run(['--version'])]);
    expect(general).toMatchObject({ status: 0, stderr: '' });
    expect(general.text).toContain('COMMAND');
    expect(command.text).toContain('llm-loupe train novels/');
    expect(version.text).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test.each([
    [[], 'which command?'],
    [['tokenise'], 'there is no command "tokenise"; did you mean tokenize?'],
    [['tokenizer'], '"tokenizer" alone is no command: llm-loupe tokenizer train'],
    [['--json', 'lens'], 'there is no command "lens"'],
    [['tokenize', '--idz'], 'there is no option --idz; did you mean --ids?'],
    [['tokenize', 'a', 'b'], '"b" is one argument too many'],
    [['analogy', 'a', 'b'], 'analogy needs A B C'],
    [['generate', '--temperature', '-1'], '--temperature cannot be "-1"'],
    [['train', '.'], '--out is needed'],
    [['train', '--out', 'x'], 'train needs files or folders'],
    [['train', '.', '--out', 'x', '--preset', 'nano', '--layers', '2'], '--preset fixes the shape: leave out --layers'],
    [['train', '.', '--out', 'x', '--preset', 'huge'], '--preset cannot be "huge"'],
    [['train', '.', '--out', 'x', '--from', 'starter', '--d-model', '64'], '--from keeps the shape of its model: leave out --d-model'],
    [['train', '.', '--out', 'x', '--tokenizer', 'starter', '--vocab-size', '300'], '--vocab-size is for a tokenizer that is learnt'],
    [['train', '.', '--out', 'x', '--vocab-size', '1000000000'], '--vocab-size cannot be "1000000000"'],
    [['tokenizer', 'train', '.', '--out', 'x', '--vocab-size', '100'], '--vocab-size cannot be "100": it must be a whole number from 260'],
    [['tokenizer', 'train', '.', '--out', 'x'], '--vocab-size is needed'],
    [['attend', '--layer', '1'], '--layer and --head go together'],
    [['score', '--tokenizer', 'gpt2'], 'a model is run with its own tokenizer'],
    [['activations', '--text', 'a', '--ids', '1', '--out', 'x'], 'choose one'],
    [['activations', '--ids', '1,two', '--out', 'x'], '--ids cannot hold "two"'],
    [['activations', '--text', 'a'], '--out is needed'],
    [['bench', 'everything'], 'bench cannot measure "everything"'],
  ])('%j is wrong usage', async (args, message) => {
    const { status, text, stderr } = await cli.run(args);
    expect([status, text]).toEqual([2, '']);
    expect(stderr).toMatch(oneLine);
    expect(stderr).toContain(message);
    expect(stderr).toContain('--help');
  });

  test.skipIf(!existsSync('/dev/full'))('an output that takes nothing is said (skipped where the system has no such device)', () => {
    const full = openSync('/dev/full', 'w');
    const { status, stderr } = spawnSync(process.execPath, [join(cli.root, 'dist', 'cli.js'), '--help'], {
      stdio: ['ignore', full, 'pipe'],
    });
    closeSync(full);
    expect([status, String(stderr)]).toEqual([1, expect.stringMatching(oneLine)]);
    expect(String(stderr)).toContain('The disk that holds standard output is full');
  });

  test('a wrong environment is named', async () => {
    const { status, stderr } = await cli.run(['tokenize'], { env: { LLM_LOUPE_BACKEND: 'abacus' } });
    expect([status, stderr]).toEqual([2, expect.stringContaining('LLM_LOUPE_BACKEND cannot be "abacus"')]);
  });
});
