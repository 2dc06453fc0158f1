/** "Copy as Python": asks the engine for what the program of a picture needs, and makes it. No vscode here. */
import { LoupeError } from '../../core/errors';
import { attentionProgram, distributionProgram, type PythonInput } from '../../core/formats/python';
import type { GenerateStep, SampleSettings } from '../../core/sample/types';
import { windowOf } from '../../core/sample/window';
import type { AttentionView, InspectApi, ModelRef, TextApi } from '../../protocol/engine';
import type { Client } from '../../protocol/rpc';

interface Engine {
  readonly text: Pick<Client<TextApi>, 'encode'>;
  readonly inspect: Pick<Client<InspectApi>, 'checkpoint' | 'head'>;
}

export interface AttentionPicture {
  readonly model: ModelRef;
  /** All that the tokens of the view have their offsets in. */
  readonly source: string;
  readonly view: AttentionView;
  /** The engine's name of the view. */
  readonly engineView: number;
  readonly layer: number;
  readonly head: number;
  readonly cell: { readonly row: number; readonly col: number } | null;
}

/** Throws `python.*`, and what the engine throws. */
export async function attentionPython({ text, inspect }: Engine, picture: AttentionPicture): Promise<string> {
  const { model, source, view, engineView, layer, head, cell } = picture;
  const { path } = await inspect.checkpoint({ model });
  const { pattern } = await inspect.head({ view: engineView, layer, head });
  const lead = view.tokens.findIndex(({ start }) => start >= 0);
  const own = view.tokens.slice(lead);
  const [begin, end] = [own[0]!.start, own.at(-1)!.end];
  const ids = own.map(({ id }) => id);
  const input = { path, bos: view.tokens[lead - 1]?.id, ids };
  // The piece alone may be cut otherwise than in its text: then what stands around it comes along.
  const line = source.lastIndexOf('\n', begin - 1) + 1;
  for (const [from, to] of [
    [begin, end],
    [line, end],
    [line, source.length],
    [0, source.length],
  ] as const) {
    const around = source.slice(from, to);
    const [encoded] = await text.encode({ texts: [around], tokenizer: model });
    const at = placeOf(encoded!.ids, ids);
    if (at < 0) continue;
    const given: PythonInput = { ...input, text: around, from: at, to: at + ids.length };
    return attentionProgram({ ...given, layer, head, cells: tellingCells(pattern, view.tokens.length, cell) });
  }
  throw new LoupeError('python.otherIds');
}

export interface DistributionPicture {
  readonly model: ModelRef;
  readonly prompt: string;
  readonly settings: SampleSettings;
  /** Ids that were generated before the step. */
  readonly written: readonly number[];
  readonly step: GenerateStep;
}

const candidatesShown = 8;

/** Throws `python.*`, and what the engine throws. */
export async function distributionPython({ text, inspect }: Engine, picture: DistributionPicture): Promise<string> {
  const { model, prompt, settings, written, step } = picture;
  const { path, bos, contextLength } = await inspect.checkpoint({ model });
  const [encoded] = await text.encode({ texts: [prompt], tokenizer: model });
  const { ids } = encoded!;
  const lead = bos === null ? 0 : 1;
  const read = windowOf(lead + ids.length, written.length, contextLength) - lead;
  const candidates = step.top.filter(({ id, logit }, i) => Number.isFinite(logit) && (i < candidatesShown || id === step.id));
  const input = { path, bos: bos ?? undefined, text: prompt, from: 0, to: ids.length, ids };
  return distributionProgram({ ...input, written, read, settings, kept: step.kept, candidates });
}

/** Where `part` stands in `whole`; -1: nowhere. */
function placeOf(whole: Uint32Array, part: readonly number[]): number {
  for (let at = 0; at + part.length <= whole.length; at++) if (part.every((id, i) => whole[at + i] === id)) return at;
  return -1;
}

const cellsShown = 8;

/** The cell that is looked at, and the strongest of some rows from the first to the last: [T, T]. */
function tellingCells(pattern: Float32Array, size: number, cell: AttentionPicture['cell']): { row: number; col: number; weight: number }[] {
  const rows = Array.from({ length: Math.min(size, cellsShown) }, (_, i, count = Math.min(size, cellsShown)) =>
    count === 1 ? 0 : Math.round((i * (size - 1)) / (count - 1)),
  );
  const strongest = rows.map((row) => {
    const weights = pattern.subarray(row * size, row * size + row + 1);
    return { row, col: weights.indexOf(weights.reduce((most, each) => Math.max(most, each))) };
  });
  const looked = cell && cell.col <= cell.row && cell.row < size ? [cell] : [];
  const cells = [...looked, ...strongest.filter(({ row, col }) => row !== cell?.row || col !== cell.col)];
  return cells.map(({ row, col }) => ({ row, col, weight: pattern[row * size + col]! }));
}
