/** What of a corpus is left out unless somebody says otherwise: the same in the editor and on the command line. */

/** Larger files are left out, in bytes: no text that people wrote is as long, and one of this size is read without harm. */
export const defaultMaxFileBytes = 64_000_000;
