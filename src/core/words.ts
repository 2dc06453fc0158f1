/** What the edges (extension, panels, command line) say alike. No model here: they may load this file for real, as errors.ts. */
import type { LeftOutReason } from './corpus/types';

/** Why files are left out: of one file, and of several. English keys, translated at the edge like errors. */
export const leftOutWords: Readonly<Record<LeftOutReason, readonly [one: string, other: string]>> = {
  binary: ['{0} binary file', '{0} binary files'],
  invalidUtf8: ['{0} file that is not UTF-8', '{0} files that are not UTF-8'],
  tooLarge: ['{0} file too large', '{0} files too large'],
  generated: ['{0} generated file', '{0} generated files'],
  minified: ['{0} minified file', '{0} minified files'],
  lockFile: ['{0} lock file', '{0} lock files'],
  duplicate: ['{0} duplicate', '{0} duplicates'],
  secret: ['{0} file with possible secrets', '{0} files with possible secrets'],
  ignored: ['{0} file ignored by .gitignore', '{0} files ignored by .gitignore'],
  excluded: ['{0} file excluded by settings', '{0} files excluded by settings'],
  unasked: ['{0} folder of dependencies or of the editor', '{0} folders of dependencies or of the editor'],
  outsideLink: ['{0} link out of the workspace', '{0} links out of the workspace'],
  empty: ['{0} empty file', '{0} empty files'],
  unreadable: ['{0} unreadable file', '{0} unreadable files'],
  unticked: ['{0} file unticked by you', '{0} files unticked by you'],
};

/**
 * A time that is only predicted, in seconds, rounded as a person would say it: to 5 seconds under a minute, to minutes under an
 * hour, to half hours under ten, to hours under two days, then to days.
 */
export function roughly(seconds: number): number {
  const to = (unit: number) => Math.round(seconds / unit) * unit;
  if (to(5) < 60) return Math.max(5, to(5));
  if (to(60) < 3600) return to(60);
  if (to(1800) < 36_000) return to(1800);
  return to(3600) < 172_800 ? to(3600) : to(86_400);
}
