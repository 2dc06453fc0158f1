/** The corpus in words: one line before training, names of the reasons why files are left out. No vscode here. */
import type { CorpusFile, CorpusSummary, LeftOutReason } from '../../core/corpus/types';
import type { PresetOffer } from '../../protocol/engine';
import type { Words } from '../services/words';

export function reasonText(reason: LeftOutReason, t: Words['t']): string {
  switch (reason) {
    case 'binary':
      return t('not text');
    case 'invalidUtf8':
      return t('not UTF-8');
    case 'tooLarge':
      return t('too large');
    case 'generated':
      return t('generated');
    case 'minified':
      return t('minified');
    case 'lockFile':
      return t('lock files');
    case 'duplicate':
      return t('duplicates');
    case 'secret':
      return t('possible secrets');
    case 'ignored':
      return t('ignored by .gitignore');
    case 'excluded':
      return t('excluded by settings');
    case 'outsideLink':
      return t('links out of the workspace');
    case 'empty':
      return t('empty');
    case 'unreadable':
      return t('unreadable');
    case 'unticked':
      return t('unticked by you');
  }
}

/** "128 files, 3.4 MB; left out 210: ignored by .gitignore 120, not text 60, …" */
export function manifestLine(summary: CorpusSummary, words: Words): string {
  const { t, int } = words;
  const taken =
    summary.files === 1 ? t('1 file, {0}', words.size(summary.bytes)) : t('{0} files, {1}', int(summary.files), words.size(summary.bytes));
  const reasons = [...summary.leftOut].filter(({ files }) => files > 0).sort((a, b) => b.files - a.files);
  if (reasons.length === 0) return taken;
  const total = reasons.reduce((sum, { files }) => sum + files, 0);
  const named = reasons.slice(0, 3).map(({ reason, files }) => `${reasonText(reason, t)} ${int(files)}`);
  if (reasons.length > 3) named.push('…');
  return t('{0}; left out {1}: {2}', taken, int(total), named.join(', '));
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
    offer.seconds === null ? t('time not known yet') : t('about {0}', words.duration(offer.seconds)),
    t('{0} of memory', words.size(offer.memoryBytes)),
    t('{0} steps', words.int(offer.settings.steps)),
  ].join(' · ');
}

/** The whole account as a page of text: what is taken, then what is not, by reason. */
export function manifestPage(summary: CorpusSummary, files: readonly CorpusFile[], words: Words): string {
  const { t } = words;
  const lines = [manifestLine(summary, words), kindsLine(summary, words), ''];
  const part = (title: string, chosen: readonly CorpusFile[]) => {
    if (chosen.length === 0) return;
    lines.push(`# ${title} (${words.int(chosen.length)})`, '', ...chosen.map((file) => `${file.id}  ${words.size(file.bytes)}`), '');
  };
  part(
    t('Train on'),
    files.filter((file) => file.part === 'train'),
  );
  part(
    t('Held out for validation'),
    files.filter((file) => file.part === 'validation'),
  );
  for (const { reason } of summary.leftOut) {
    part(
      t('Left out: {0}', reasonText(reason, t)),
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
