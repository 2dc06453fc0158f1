/** Help, out of the same tables that parse the arguments. */
import { type Command, shared } from './command';
import { environmentName, type OptionTable } from './options';

export function generalHelp(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    'llm-loupe: a language model opened in front of you. Usage: llm-loupe COMMAND [ARGUMENTS] [OPTIONS]',
    '',
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    'Options of every command:',
    ...optionLines(shared),
    '',
    'FILE may be - or absent: standard input. Each shared option can be set by the environment, for instance',
    `${environmentName('--backend')}=cpu. llm-loupe COMMAND --help says more, with an example.`,
  ].join('\n');
}

export function commandHelp(command: Command): string {
  const own = Object.keys(command.options).length > 0 ? ['', 'Options:', ...optionLines(command.options)] : [];
  return [
    `Usage: llm-loupe ${`${command.name} ${command.usage}`.trim()}`,
    '',
    `  ${command.summary}`,
    ...(command.notes ?? []).flatMap((note) => ['', ...note.split('\n').map((line) => `  ${line}`)]),
    ...own,
    '',
    'Options of every command:',
    ...optionLines(shared),
    '',
    'Example:',
    `  ${command.example}`,
  ].join('\n');
}

function optionLines(table: OptionTable): string[] {
  const left = Object.values(table).map(({ flag, value }) => (value === null ? flag : `${flag} ${value}`));
  const width = Math.min(28, Math.max(...left.map((text) => text.length)));
  return Object.values(table).map(({ help }, index) => {
    const text = left[index]!;
    return text.length > width ? `  ${text}\n  ${' '.repeat(width)}  ${help}` : `  ${text.padEnd(width)}  ${help}`;
  });
}
