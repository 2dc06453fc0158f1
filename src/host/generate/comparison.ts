/**
 * What is said before a model writes that does worse than counting five bytes: the starter on this kind of text, a run on the
 * text that was held out of its training. No vscode here.
 */
import type { Judged, TextKind } from '../../protocol/engine';
import type { Words } from '../services/words';

const typeScript = new Set(['typescript', 'typescriptreact', 'javascript', 'javascriptreact']);
const prose = new Set(['plaintext', 'markdown', 'latex', 'restructuredtext', 'asciidoc']);
/** Words that one of the two languages has and the other has not. */
const french = /\b(?:le|la|les|des|du|et|est|une|dans|que|qui|pour|pas|il|elle|je|vous|ne|se|sur|avec)\b/giu;
const english = /\b(?:the|of|and|to|in|is|was|that|it|he|she|you|with|for|as|his|her|had|not|at)\b/giu;
/** Looked at from the end. */
const looked = 4_000;

/** Null where it is none of them. */
export function kindOf(languageId: string, text: string): TextKind | null {
  if (typeScript.has(languageId)) return 'typescript';
  if (!prose.has(languageId)) return null;
  const end = text.slice(-looked);
  const [fr, en] = [french, english].map((words) => end.match(words)?.length ?? 0) as [number, number];
  if (fr === en) return null;
  return fr > en ? 'french' : 'english';
}

/**
 * Writing waits so long to be judged first: known figures come in some milliseconds, and somebody who asked for text does not
 * notice more than that. Counting a run's text for the first time takes seconds, and is said when it is there.
 */
export const judgedMs = 300;

/** Waits for something, but no longer than so; it goes on. */
export async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

export function isWorse(judged: Judged | null): judged is Judged {
  return judged !== null && judged.bitsPerByte > judged.fiveBytes;
}

/** For a panel or a hover. */
export function worseWords({ bitsPerByte, fiveBytes, kind }: Judged, { t, tn, num }: Words): string {
  const [own, counted] = [num(bitsPerByte), tn(fiveBytes, '{0} bit per byte', '{0} bits per byte', num(fiveBytes))];
  return kind === null
    ? t('Worse than counting five bytes on the text it was tested on ({0} against {1}): expect broken words.', own, counted)
    : t('Worse than counting five bytes on this kind of text ({0} against {1}): expect broken words.', own, counted);
}
