/** Words of the panels: the English literal is the key, the host hands in the translations (see boot). */
import { boot } from './boot';

export type Argument = string | number;

/** Places are `{0}` (arguments in order) or `{name}` (one record). Numbers are put in as they are: format them first. */
export function t(message: string, ...args: Argument[] | [Readonly<Record<string, Argument>>]): string {
  const values = typeof args[0] === 'object' ? args[0] : (args as Argument[]);
  return fillPlaces(boot.strings[message] ?? message, values);
}

const plurals = new Intl.PluralRules(boot.language);

/**
 * One or several, as the language counts: French says one of 0 and of 1.5 too. `count` only chooses; give it again, formatted,
 * among the arguments.
 */
export function tn(count: number, one: string, other: string, ...args: Argument[]): string {
  return t(plurals.select(count) === 'one' ? one : other, ...args);
}

export function fillPlaces(template: string, values: Readonly<Record<string, Argument>> | readonly Argument[]): string {
  return template.replace(/\{(\w+)\}/g, (place, name: string) => {
    const value = (values as Readonly<Record<string, Argument>>)[name];
    return value === undefined ? place : String(value);
  });
}
