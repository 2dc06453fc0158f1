/** "Loupe: Show Surprise": a second colouring of the whole text, by how unexpected each token is; its legend and its menu. */
import * as vscode from 'vscode';
import type { CorpusPart } from '../../core/corpus/types';
import { LoupeError } from '../../core/errors';
import { allFiles, corpusRequest } from '../services/corpus';
import { errorText, isCancelled } from '../services/errors';
import { locale } from '../services/locale';
import { isOn } from '../services/offSwitch';
import { stepOf } from '../services/runSteps';
import type { Services } from '../services/services';
import { statusName } from '../services/statusName';
import { CursorSurprise } from './cursor';
import { lines } from './decorations';
import { SurpriseHover } from './hover';
import { SurprisingLines } from './lines';
import { surpriseMenu } from './menu';
import { type Shown, SurprisePainter } from './painter';
import { Scores } from './scores';
import type { Scale } from './steps';
import { type Legend, legendLines, legendSteps, legendText } from './text';

/** Rest after a key and after a scroll before anything is computed. Who types on is not to compete with it for two cores. */
const editRestMs = 250;
const scrollRestMs = 20;
/** A text of more lines is sent less often: all of it goes to the realm when it was edited. */
const manyLines = 5_000;
const longRestMs = 500;

export function registerSurprise(context: vscode.ExtensionContext, services: Services): void {
  const feature = new SurpriseFeature(services);
  const { command, engine } = services;
  const files = async (signal: AbortSignal) => allFiles(services, (await engine.text.survey(corpusRequest([], []), { signal })).corpus);
  const list = new SurprisingLines(services, files, () => feature.model());
  context.subscriptions.push(
    feature,
    list,
    command('llmLoupe.showSurprise', () => feature.toggle()),
    command('llmLoupe.surpriseMenu', () => feature.menu()),
    command('llmLoupe.surprisingLines', () => list.ofWorkspace()),
    command('llmLoupe.surprisingLinesOfFile', () => list.ofFile(feature.looked()?.document.uri)),
    command('llmLoupe.surprisingChanges', () => list.ofChanges()),
    command('llmLoupe.refreshSurprisingLines', () => list.again()),
    command('llmLoupe.stopSurprisingLines', () => list.stop()),
    command('llmLoupe.closeSurprisingLines', () => list.close()),
  );
}

class SurpriseFeature implements vscode.Disposable {
  private readonly painter: SurprisePainter;
  private readonly cursor: CursorSurprise;
  private readonly status = vscode.window.createStatusBarItem('llmLoupe.surprise', vscode.StatusBarAlignment.Right, 93);
  private readonly subscriptions: vscode.Disposable[];
  /** Bits of difference from the start of the run, in place of the setting's scale. */
  private change = false;
  private settings = readSettings();
  /** Whether the run has read the file, by model and file. */
  private readonly parts = new Map<string, CorpusPart | null>();

  constructor(private readonly services: Services) {
    this.painter = new SurprisePainter(new Scores(services.engine), (editor) => this.wanted(editor));
    this.cursor = new CursorSurprise(services, this.painter.at);
    this.status.name = vscode.l10n.t('Surprise');
    this.status.command = 'llmLoupe.surpriseMenu';
    const { window, workspace, languages } = vscode;
    const { layers, models, trainingRun } = services;
    this.subscriptions = [
      this.painter,
      this.cursor,
      this.status,
      window.onDidChangeTextEditorSelection(({ textEditor }) => this.cursor.update(textEditor)),
      this.painter.onDidPaint((editor) => {
        if (editor === this.looked()) this.legend();
      }),
      layers.onDidChange((document) => {
        for (const editor of window.visibleTextEditors) {
          if (editor.document !== document) continue;
          if (layers.of(document) === 'surprise') this.painter.moved(editor, 0);
          else this.painter.clear(editor);
        }
        this.legend();
      }),
      window.onDidChangeActiveTextEditor(() => this.legend()),
      // Its samples are drawn in the colours of the theme.
      window.onDidChangeActiveColorTheme(() => this.legend()),
      window.onDidChangeTextEditorVisibleRanges(({ textEditor }) => this.moved(textEditor, scrollRestMs)),
      window.onDidChangeVisibleTextEditors((editors) => {
        for (const editor of editors) this.moved(editor, 0);
        this.legend();
      }),
      workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length === 0 || layers.of(document) !== 'surprise') return;
        const rest = document.lineCount > manyLines ? longRestMs : editRestMs;
        for (const editor of window.visibleTextEditors) if (editor.document === document) this.moved(editor, rest);
      }),
      workspace.onDidChangeConfiguration((change) => {
        if (!['surprise', 'training', 'statusBar'].some((section) => change.affectsConfiguration(`llmLoupe.${section}`))) return;
        this.settings = readSettings();
        this.again();
      }),
      // Who chooses a model wants to see that one.
      models.onDidChange(() => {
        if (trainingRun.current?.training === false) trainingRun.set(null);
        else this.again();
      }),
      trainingRun.onDidChange(() => this.again()),
      languages.registerHoverProvider({ pattern: '**' }, new SurpriseHover(services, this.painter.at)),
    ];
  }

  toggle(): void {
    if (this.services.layers.toggle('surprise')) return;
    void vscode.window.showInformationMessage(vscode.l10n.t('Open a text first: its surprise is shown in its editor.'));
  }

  async menu(): Promise<void> {
    const model = this.model();
    const { follow, holdOut } = this.settings;
    const run = model.step === null && !this.isActive(model) ? this.services.trainingRun.current : null;
    const now = (await this.legendNow())?.legend;
    // The list cuts what is long; it has the name below, whole.
    const legend = now ? legendLines({ ...now, subject: { ...now.subject, name: statusName(now.subject.name) } }, locale()) : [];
    const trained = run && `run:${run.run}`;
    await surpriseMenu(this.services, { model, trained, scale: this.scale(model), follow, holdOut, legend }, (scale) => this.choose(scale));
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private async choose(scale: Scale): Promise<void> {
    this.change = scale === 'change';
    if (scale !== 'change' && scale !== this.settings.scale) {
      // The change of the setting paints.
      await vscode.workspace.getConfiguration('llmLoupe.surprise').update('scale', scale, vscode.ConfigurationTarget.Global);
    } else this.again();
  }

  /** The run of this window while it trains, and after that until another model is chosen; else the active model. */
  model(): Shown {
    const { current } = this.services.trainingRun;
    // Who looks back at an earlier step of this run wants to see that one.
    const back = current !== null && stepOf(this.services.models.ref, current.run) !== null;
    if (current && this.settings.follow && !back) {
      const { run, name, step, training } = current;
      return { ref: `run:${run}@live`, name, step: training ? step : null, before: `run:${run}@start` };
    }
    const { ref, name } = this.services.models.current;
    const run = /^run:[^@]+/.exec(ref)?.[0];
    return { ref, name, step: null, before: run ? `${run}@start` : null };
  }

  /** Whether it is the active model, or what a training made of it last. */
  private isActive({ ref }: Shown): boolean {
    const active = this.services.models.ref;
    return ref === active || ref === `${active}@live`;
  }

  private scale(model: Shown): Scale {
    return this.change && model.before ? 'change' : this.settings.scale;
  }

  private wanted(editor: vscode.TextEditor): { model: Shown; scale: Scale } | null {
    if (this.services.layers.of(editor.document) !== 'surprise' || !vscode.window.visibleTextEditors.includes(editor)) return null;
    const model = this.model();
    return { model, scale: this.scale(model) };
  }

  private moved(editor: vscode.TextEditor, restMs: number): void {
    if (this.services.layers.of(editor.document) === 'surprise') this.painter.moved(editor, restMs);
  }

  private again(): void {
    for (const editor of vscode.window.visibleTextEditors) if (this.wanted(editor)) this.painter.changedModel(editor);
    this.legend();
  }

  private legend(): void {
    this.cursor.update(this.looked());
    void this.showLegend().catch((error) => this.services.log.warn(String(error)));
  }

  /** The editor that the legend and the list of its lines are of: the active one, or where a panel is in front, one beside it. */
  looked(): vscode.TextEditor | undefined {
    const { activeTextEditor, visibleTextEditors } = vscode.window;
    return activeTextEditor ?? visibleTextEditors.find(({ document }) => this.services.layers.of(document) === 'surprise');
  }

  private async legendNow(): Promise<{ legend: Legend; lines: string[] } | null> {
    const editor = this.looked();
    const wanted = editor && this.wanted(editor);
    if (!wanted) return null;
    const painted = this.painter.painted(editor)?.painted ?? null;
    const { model, scale } = painted ?? wanted;
    const part = await this.partOf(model, editor.document);
    const perByte = painted && Number.isFinite(painted.perByte) ? painted.perByte : null;
    const legend: Legend = { scale, subject: model, perByte, part, active: this.isActive(model) && isOn('statusBar.model') };
    return { legend, lines: legendLines(legend, locale()) };
  }

  private async showLegend(): Promise<void> {
    const editor = this.looked();
    const now = await this.legendNow();
    if (editor !== this.looked()) return;
    if (!editor || !now) {
      this.status.hide();
      return;
    }
    const error = this.painter.painted(editor)?.error;
    if (error && !isCancelled(error)) {
      if (error instanceof LoupeError && error.code === 'training.noRun') this.services.trainingRun.set(null);
      this.status.text = `$(warning) ${vscode.l10n.t('Surprise')}`;
      this.status.tooltip = errorText(error);
      this.status.accessibilityInformation = { label: errorText(error) };
      this.status.show();
      return;
    }
    const { legend, lines } = now;
    this.status.text = `$(flame) ${legendText(legend, locale())}`;
    this.status.tooltip = legendTooltip(legend, lines);
    this.status.accessibilityInformation = { label: [vscode.l10n.t('Surprise'), ...lines].join(' ') };
    this.status.show();
  }

  private async partOf({ ref }: Shown, { uri }: vscode.TextDocument): Promise<CorpusPart | null> {
    if (uri.scheme !== 'file' || !ref.startsWith('run:')) return null;
    const key = `${ref} ${uri.fsPath}`;
    let part = this.parts.get(key);
    if (part === undefined) {
      part = await this.services.engine.text.partOf({ model: ref, path: uri.fsPath }).catch(() => null);
      this.parts.set(key, part);
    }
    return part;
  }
}

/** The lines that stand for colours in high contrast, as characters. */
const lineSamples: Readonly<Record<string, string>> = { dotted: '┈┈┈', dashed: '╌╌╌', solid: '───', double: '═══' };

/** The colours themselves, and what they stand for. */
function legendTooltip(legend: Legend, said: readonly string[]): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  text.supportHtml = true;
  const words = locale();
  for (const line of said) text.appendText(line).appendMarkdown('\n\n');
  const { kind } = vscode.window.activeColorTheme;
  const contrast = kind === vscode.ColorThemeKind.HighContrast || kind === vscode.ColorThemeKind.HighContrastLight;
  for (const [look, meaning] of legendSteps(legend.scale, words)) {
    const line = look?.startsWith('surpriseBetter') ? 'surpriseBetterLine' : 'surpriseLine';
    const style = contrast ? `color:var(--vscode-llmLoupe-${line});` : `background-color:var(--vscode-llmLoupe-${look});`;
    const sample = contrast && look ? lineSamples[lines[look].split(' ')[1]!] : '&nbsp;&nbsp;&nbsp;&nbsp;';
    text
      .appendMarkdown(`<span style="${look ? style : ''}">${sample}</span>&nbsp; `)
      .appendText(meaning)
      .appendMarkdown('  \n');
  }
  text.appendMarkdown('\n\n').appendText(vscode.l10n.t('Click for other colours, or to turn this off.'));
  return text;
}

function readSettings(): { scale: Exclude<Scale, 'change'>; follow: boolean; holdOut: boolean } {
  const settings = vscode.workspace.getConfiguration('llmLoupe');
  return {
    scale: settings.get<string>('surprise.scale', 'rank') === 'bits' ? 'bits' : 'rank',
    follow: settings.get('surprise.followTraining', true),
    holdOut: settings.get('training.holdOutOpenFile', true),
  };
}
