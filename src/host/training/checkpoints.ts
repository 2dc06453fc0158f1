/**
 * Looking back at a run: any of its kept weights becomes the active model, so that every open view is computed from them; and
 * what its heads look at in the fixed prompt, as it was recorded, or computed from what is kept.
 */
import * as vscode from 'vscode';
import { LoupeError } from '../../core/errors';
import type { AttentionFrame, ModelRef } from '../../protocol/engine';
import type { KeptWeights } from '../../protocol/panels';
import { nearest, refOf, stepOf } from '../services/runSteps';
import type { Services } from '../services/services';

const scheme = 'llm-loupe-prompt';
/** Tokens of a side of a picture that is computed here: as in those that were recorded. */
const side = 32;

export class Checkpoints {
  constructor(private readonly services: Services) {}

  async kept(run: string): Promise<KeptWeights> {
    const steps = await this.services.engine.text.keptSteps({ run });
    return { steps, shown: stepOf(this.services.models.ref, run) };
  }

  /** `step` 0: what it began with; null: the last. */
  async look(run: string, step: number | null): Promise<void> {
    if (!vscode.workspace.isTrusted) throw new LoupeError('workspace.untrusted');
    const name = await this.nameOf(run);
    const at = step === null ? '' : `@${step === 0 ? 'start' : step}`;
    await this.services.models.choose({ ref: refOf(run, step), name: `${name}${at}` });
  }

  /** Frames from kept weights, for a run that recorded none. Nothing where it has no prompt. */
  async compute(run: string, signal: AbortSignal, report: (progress: { done: number; total: number }) => void): Promise<AttentionFrame[]> {
    const { text, inspect } = this.services.engine;
    const [prompt, kept, info] = await Promise.all([this.prompt(run), text.keptSteps({ run }), this.infoOf(run)]);
    if (prompt === '') return [];
    const steps = [0, ...kept];
    const refs: [step: number, ref: ModelRef][] = steps.map((step) => [step, refOf(run, step)]);
    // The end of a run that finished between two checkpoints.
    if (info.state === 'finished' && info.step > (kept.at(-1) ?? 0)) refs.push([info.step, refOf(run, null)]);
    const frames: AttentionFrame[] = [];
    for (const [step, model] of refs) {
      report({ done: frames.length, total: refs.length });
      const { view, nLayers, nHeads } = await inspect.attend({ model, context: '', text: prompt, cut: true }, { signal });
      const { size, values } = await inspect.thumbnails({ view, size: side }, { signal });
      await inspect.release({ view });
      frames.push({ step, size, nLayers, nHeads, values: Uint8Array.from(values, (weight) => Math.round(255 * Math.sqrt(weight))) });
    }
    return frames;
  }

  /** Opens the inspector on the prompt, with the kept weights that are nearest to a step, at one head. */
  async inspect(run: string, step: number, head: { layer: number; head: number }): Promise<void> {
    const [prompt, kept, name] = await Promise.all([this.prompt(run), this.services.engine.text.keptSteps({ run }), this.nameOf(run)]);
    if (prompt === '') throw new LoupeError('text.empty');
    await this.look(run, nearest([0, ...kept], step));
    const uri = vscode.Uri.from({ scheme, path: vscode.l10n.t('prompt of {0}', name), query: run });
    await vscode.commands.executeCommand('llmLoupe.inspectAttention', { uri: uri.toString(), start: 0, end: prompt.length, ...head });
  }

  /** The prompt as a document that is nowhere on the disk and asks for nothing when it is closed. */
  documents(): vscode.Disposable {
    return vscode.workspace.registerTextDocumentContentProvider(scheme, {
      provideTextDocumentContent: ({ query }) => this.prompt(query),
    });
  }

  /** The text that every sample of the run continues; empty where it had none. */
  private async prompt(run: string): Promise<string> {
    const { events } = await this.services.engine.text.runEvents({ run, from: 0 });
    return events.find((event) => event.type === 'sample')?.prompt ?? '';
  }

  private async nameOf(run: string): Promise<string> {
    return (await this.infoOf(run)).name;
  }

  private async infoOf(run: string) {
    const info = (await this.services.engine.text.runs({})).find(({ id }) => id === run);
    if (!info) throw new LoupeError('training.noRun', { run });
    return info;
  }
}
