/**
 * What is said before a model writes that does worse than counting five bytes, on this kind of text. No vscode here.
 */
import type { Words } from '../services/words';

/** Kinds of text that the starter was judged on. */
export type Kind = 'french' | 'english' | 'typescript';

const typeScript = new Set(['typescript', 'typescriptreact', 'javascript', 'javascriptreact']);
const prose = new Set(['plaintext', 'markdown', 'latex', 'restructuredtext', 'asciidoc']);
/** Words that one of the two languages has and the other has not. */
const french = /\b(?:le|la|les|des|du|et|est|une|dans|que|qui|pour|pas|il|elle|je|vous|ne|se|sur|avec)\b/giu;
const english = /\b(?:the|of|and|to|in|is|was|that|it|he|she|you|with|for|as|his|her|had|not|at)\b/giu;
/** Looked at from the end. */
const looked = 4_000;

/** Null where it is none of them. */
export function kindOf(languageId: string, text: string): Kind | null {
  if (typeScript.has(languageId)) return 'typescript';
  if (!prose.has(languageId)) return null;
  const end = text.slice(-looked);
  const [fr, en] = [french, english].map((words) => end.match(words)?.length ?? 0) as [number, number];
  if (fr === en) return null;
  return fr > en ? 'french' : 'english';
}

export interface Judged {
  readonly bitsPerByte: number;
  readonly fiveBytes: number;
}

export function isWorse(judged: Judged | null): judged is Judged {
  return judged !== null && judged.bitsPerByte > judged.fiveBytes;
}

/** For a panel or a hover. */
export function worseWords({ bitsPerByte, fiveBytes }: Judged, { t, tn, num }: Words): string {
  const counted = tn(fiveBytes, '{0} bit per byte', '{0} bits per byte', num(fiveBytes));
  return t('Worse than counting five bytes on this kind of text ({0} against {1}): expect broken words.', num(bitsPerByte), counted);
}
