export interface Course {
  readonly pools: readonly (readonly string[])[];
  /** At least and at most. */
  readonly phrases: readonly [number, number];
  /** Characters of an exercise. */
  readonly least: number;
}
export function courses(texts: readonly string[]): { few: Course; many: Course };
export function repeatedPhrases(course: Course, folder: string, bytes: number, seed: number): { path: string; text: string }[];
