/**
 * The questions before training, on one list: its title is the corpus in one line, its entries are what can be trained and
 * what that costs, and the files themselves can be opened and unticked.
 */
import * as vscode from 'vscode';
import type { CorpusFile, CorpusRequest, CorpusSummary } from '../../core/corpus/types';
import type { PresetName } from '../../core/model/config';
import type { ModelRef, PresetOffer } from '../../protocol/engine';
import type { NamedModel } from '../services/activeModel';
import { allFiles, corpusRequest, openFiles } from '../services/corpus';
import { isCancelled } from '../services/errors';
import { locale } from '../services/locale';
import type { Services } from '../services/services';
import type { AccountPage } from './account';
import { filesAndSize, kindsLine, manifestLine, manifestPage, offerLine } from './manifest';

export interface Choice {
  readonly corpus: CorpusRequest;
  readonly from: ModelRef | null;
  readonly preset: PresetName | null;
  /** For the run's name: "continued", "nano". */
  readonly kind: string;
}

type Item = vscode.QuickPickItem & { choice?: Omit<Choice, 'corpus'>; open?: 'files' | 'account' };

const presets: readonly PresetName[] = ['nano', 'micro', 'mini', 'small'];
const untickedKey = 'llmLoupe.unticked';

/**
 * Undefined where the user leaves. `minutes`: the training is to be as long, whatever is chosen; null: as long as each takes.
 * `first`: a model that was asked for, at the top of the list.
 */
export async function chooseTraining(
  services: Services,
  memory: vscode.Memento,
  account: AccountPage,
  minutes: number | null,
  first: NamedModel | null = null,
): Promise<Choice | undefined> {
  const looked = openFiles(services);
  for (;;) {
    const unticked = memory.get<string[]>(untickedKey, []);
    let corpus = corpusRequest(unticked, looked);
    let survey = await surveyed(services, corpus);
    // Where little else is left to learn from, the open file is learnt too.
    if (looked.length > 0 && survey.summary.trainBytes < survey.summary.bytes / 2) {
      corpus = corpusRequest(unticked, []);
      survey = await surveyed(services, corpus);
    }
    const picked = await chooseOffer(services, survey.summary, minutes, first);
    if (picked?.choice) return { corpus, ...picked.choice };
    if (!picked?.open) return undefined;
    const files = await allFiles(services, survey.corpus);
    if (picked.open === 'account') {
      await account.show(manifestPage(survey.summary, files, locale()));
      return undefined;
    }
    const chosen = await untick(files);
    if (chosen) await memory.update(untickedKey, chosen);
  }
}

async function surveyed({ engine }: Services, corpus: CorpusRequest): Promise<{ corpus: number; summary: CorpusSummary }> {
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t('Reading the workspace'), cancellable: true },
    async (progress, cancel) => {
      const abort = new AbortController();
      cancel.onCancellationRequested(() => abort.abort());
      return engine.text.survey(corpus, {
        signal: abort.signal,
        onProgress: ({ files, bytes }) => progress.report({ message: filesAndSize(files, bytes, locale()) }),
      });
    },
  );
}

/** The list appears at once; what each choice costs is filled in as it becomes known. */
async function chooseOffer(
  services: Services,
  summary: CorpusSummary,
  minutes: number | null,
  first: NamedModel | null,
): Promise<Item | undefined> {
  const { t } = vscode.l10n;
  const { engine, models, log } = services;
  const abort = new AbortController();
  const active = models.current;
  const starter: NamedModel = { ref: 'starter', name: 'starter' };
  const continued = [...new Map([...(first ? [first] : []), starter, active].map((model) => [model.ref, model])).values()];
  const costs = new Map<string, PresetOffer | null>();

  const pick = vscode.window.createQuickPick<Item>();
  pick.title = manifestLine(summary, locale());
  pick.placeholder = minutes === null ? t('Choose what to train') : t('Choose what to train for {0}', locale().duration(minutes * 60));
  pick.matchOnDetail = true;
  pick.busy = true;
  const cost = (key: string) => {
    const offer = costs.get(key);
    if (offer === undefined) return t('measuring…');
    return offer === null ? t('cost not known') : offerLine(minutes === null ? offer : limited(offer, minutes * 60), locale());
  };
  const show = () => {
    const at = pick.activeItems[0]?.label;
    const separator = (label: string): Item => ({ label, kind: vscode.QuickPickItemKind.Separator });
    const items: Item[] = [separator(t('Continue a model'))];
    for (const { ref, name } of continued) {
      const label = ref === 'starter' ? t('Continue the starter') : t('Continue {0}', name);
      const description = t('keeps its tokens and what it knows');
      items.push({ label, description, detail: cost(ref), choice: { from: ref, preset: null, kind: 'continued' } });
    }
    items.push(separator(t('From nothing')));
    for (const preset of presets) {
      const description = preset === presets[0] ? t('learns its tokens and all else from your files') : '';
      items.push({
        label: t('From nothing: {0}', preset),
        description,
        detail: cost(preset),
        choice: { from: null, preset, kind: preset },
      });
    }
    items.push(
      separator(t('Files')),
      { label: `$(checklist) ${t('Choose the files…')}`, detail: kindsLine(summary, locale()), open: 'files' },
      { label: `$(list-unordered) ${t('Read the whole account of the files…')}`, open: 'account' },
    );
    pick.items = items;
    const again = items.find((item) => item.label === at);
    if (again) pick.activeItems = [again];
  };
  const measure = async () => {
    const known = (key: string) => (offer: PresetOffer) => {
      costs.set(offer.preset === 'continue' ? key : offer.preset, offer);
      if (!abort.signal.aborted) show();
    };
    const ask = async (model: ModelRef, names: PresetName[]) => {
      const options = { signal: abort.signal, onProgress: known(model) };
      for (const offer of await engine.train.offers({ from: model, presets: names, bytes: summary.trainBytes }, options))
        known(model)(offer);
    };
    for (const [i, { ref }] of continued.entries()) {
      try {
        await ask(ref, i === 0 ? [...presets] : []);
      } catch (error) {
        if (isCancelled(error)) return;
        log.warn(`offers for ${ref}: ${error instanceof Error ? error.message : error}`);
        for (const key of i === 0 ? [ref, ...presets] : [ref]) if (!costs.has(key)) costs.set(key, null);
        show();
      }
    }
  };

  try {
    return await new Promise<Item | undefined>((resolve) => {
      pick.onDidAccept(() => {
        const item = pick.selectedItems[0];
        if (item?.choice || item?.open) resolve(item);
      });
      pick.onDidHide(() => resolve(undefined));
      show();
      pick.show();
      // Training runs alone: while this window trains, nothing is measured beside it.
      void measure().finally(() => {
        pick.busy = false;
      });
    });
  } finally {
    abort.abort();
    pick.dispose();
  }
}

/** The same training in so many seconds. */
function limited(offer: PresetOffer, seconds: number): PresetOffer {
  const steps = offer.seconds === null ? offer.settings.steps : Math.round((offer.settings.steps * seconds) / offer.seconds);
  return { ...offer, seconds, settings: { ...offer.settings, steps } };
}

/** Gives the ids that are unticked now; undefined where the user leaves. */
async function untick(files: readonly CorpusFile[]): Promise<string[] | undefined> {
  const { t } = vscode.l10n;
  const open = files.filter((file) => file.leftOut === null || file.leftOut === 'unticked');
  // With one folder, its name before every file says nothing.
  const folder = /^[^/]*\//.exec(open[0]?.id ?? '')?.[0] ?? '';
  const shared = open.every(({ id }) => id.startsWith(folder)) ? folder.length : 0;
  const items = open.map((file) => ({
    id: file.id,
    label: file.id.slice(shared),
    description: locale().size(file.bytes) + (file.part === 'validation' ? ` · ${t('held out for validation')}` : ''),
    picked: file.leftOut === null,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    canPickMany: true,
    matchOnDescription: true,
    title: t('Files to train on'),
    placeHolder: t('Untick what should not be learnt'),
  });
  if (!picked) return undefined;
  const kept = new Set(picked.map((item) => item.id));
  return items.filter((item) => !kept.has(item.id)).map((item) => item.id);
}
