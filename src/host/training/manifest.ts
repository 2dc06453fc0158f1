/** The corpus in words: one line before training, names of the reasons why files are left out. No vscode here. */

import type { CorpusFile, CorpusSummary, LeftOutReason } from '../../core/corpus/types';
import { leftOutWords } from '../../core/words';
import type { PresetOffer } from '../../protocol/engine';
import type { Words } from '../services/words';

/** "2 lock files" */
export function leftOutText(reason: LeftOutReason, count: number, { tn, int }: Words): string {
  return tn(count, ...leftOutWords[reason], int(count));
}

/** "128 files, 3.4 MB; 210 files left out: 120 files ignored by .gitignore, 60 binary files, …" */
export function manifestLine(summary: CorpusSummary, words: Words): string {
  const { t, tn, int } = words;
  const heldOut = heldOutText(summary, words);
  const all = filesAndSize(summary.files, summary.bytes, words);
  const taken = heldOut === '' ? all : t('{0}; {1}', all, heldOut);
  const reasons = [...summary.leftOut].filter(({ files }) => files > 0).sort((a, b) => b.files - a.files);
  if (reasons.length === 0) return taken;
  const total = reasons.reduce((sum, { files }) => sum + files, 0);
  const named = reasons.slice(0, 3).map(({ reason, files }) => leftOutText(reason, files, words));
  if (reasons.length > 3) named.push('…');
  return tn(total, '{0}; {1} file left out: {2}', '{0}; {1} files left out: {2}', taken, int(total), named.join(', '));
}

/** "shop.ts is held out"; empty where no file was named. */
export function heldOutText({ heldOut = [] }: CorpusSummary, { t, tn, int }: Words): string {
  const [first] = heldOut;
  if (first === undefined) return '';
  if (heldOut.length === 1) return t('{0} is held out', first.slice(first.lastIndexOf('/') + 1));
  return tn(heldOut.length, '{0} open file is held out', '{0} open files are held out', int(heldOut.length));
}

/** "128 files, 3.4 MB" */
export function filesAndSize(files: number, bytes: number, { tn, int, size }: Words): string {
  return tn(files, '{0} file, {1}', '{0} files, {1}', int(files), size(bytes));
}

/** ".ts 62 %, .md 20 %" */
export function kindsLine(summary: CorpusSummary, words: Words): string {
  if (summary.bytes === 0) return '';
  return summary.kinds
    .map(({ extension, bytes }) => `${extension || words.t('no extension')} ${words.percent(bytes / summary.bytes)}`)
    .join(', ');
}

/** "0.8 M parameters · about 4 min · 180 MB of memory · 600 steps" */
export function offerLine(offer: PresetOffer, words: Words): string {
  const { t } = words;
  return [
    t('{0} parameters', words.millions(offer.parameters)),
    offer.seconds === null ? t('time not known yet') : t('about {0}', words.estimate(offer.seconds)),
    t('{0} of memory', words.size(offer.memoryBytes)),
    words.tn(offer.settings.steps, '{0} step', '{0} steps', words.int(offer.settings.steps)),
  ].join(' · ');
}

/** The whole account as a page of text: what is taken, then what is not, by reason. */
export function manifestPage(summary: CorpusSummary, files: readonly CorpusFile[], words: Words): string {
  const { t } = words;
  const lines = [manifestLine(summary, words), kindsLine(summary, words), ''];
  const part = (title: (count: number) => string, chosen: readonly CorpusFile[]) => {
    if (chosen.length === 0) return;
    lines.push(`# ${title(chosen.length)}`, '', ...chosen.map((file) => `${file.id}  ${words.size(file.bytes)}`), '');
  };
  const counted = (title: string) => (count: number) => `${title} (${words.int(count)})`;
  part(
    counted(t('Train on')),
    files.filter((file) => file.part === 'train'),
  );
  part(
    counted(t('Held out for validation')),
    files.filter((file) => file.part === 'validation'),
  );
  for (const { reason } of summary.leftOut) {
    part(
      (count) => t('Left out: {0}', leftOutText(reason, count, words)),
      files.filter((file) => file.leftOut === reason),
    );
  }
  return lines.join('\n');
}

/** A name that no run has yet, fit for a folder: "novels-nano", "novels-nano-2". */
export function runName(workspace: string, kind: string, taken: ReadonlySet<string>): string {
  const slug = (text: string) =>
    text
      .normalize('NFKD')
      .replace(/\p{M}/gu, '')
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '');
  const base = [slug(workspace).slice(0, 32), slug(kind)].filter((part) => part !== '').join('-');
  for (let number = 1; ; number++) {
    const name = number === 1 ? base : `${base}-${number}`;
    if (!taken.has(name)) return name;
  }
}
