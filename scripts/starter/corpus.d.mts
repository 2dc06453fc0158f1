export const root: string;
/** Absent where the project has no data beside it. */
export const corpora: string;
export function heldOut(bytes?: number): Record<'french' | 'english' | 'typescript', string>;
