/** What host and command line ask of the engine unless somebody says otherwise: the same in both. */

/** Larger files are left out of training, in bytes: no text that people wrote is as long, and one of this size is read without harm. */
export const defaultMaxFileBytes = 64_000_000;

/** Characters in the name and in the note that people give a run. */
export const longestRunName = 80;
export const longestRunNote = 10_000;
