/**
 * How one token was drawn, stage by stage: logits, divided by the temperature, top-k, top-p, min-p, renormalised, drawn.
 * Rebuilt from what the sampler reported (`GenerateStep`) with the settings it used; pure, and nothing is drawn again.
 * Probabilities are over the full vocabulary; tokens that were not reported share one "other tokens" row.
 */
import type { Candidate, GenerateStep, SampleSettings } from '../../src/core/sample/types';

export type Cut = 'topK' | 'topP' | 'minP';

export interface StageRow {
  readonly candidate: Candidate;
  /** 0 is the most probable. */
  readonly rank: number;
  readonly chosen: boolean;
  /** logit / temperature; the logit itself when greedy. */
  readonly scaled: number;
  /** Softmax of the scaled logits over the full vocabulary. */
  readonly heated: number;
  /** Share of the mass up to and with this row, among those that top-k left: what top-p compares; null once cut by top-k. */
  readonly cumulative: number | null;
  /** Heated probability relative to the most probable: what min-p compares. */
  readonly relative: number;
  /** The first stage that crossed it out; null: it could be drawn. */
  readonly cutBy: Cut | null;
  /** Its part of [0, 1) in the draw, `to - from = drawn`. */
  readonly from: number;
  readonly to: number;
}

export interface Stages {
  readonly rows: readonly StageRow[];
  /** What the rows do not show: shares of the mass after the temperature and in the draw. */
  readonly otherHeated: number;
  readonly otherDrawn: number;
  /** Tokens that could be drawn and are not among the rows. */
  readonly otherKept: number;
  readonly greedy: boolean;
  /** The random number in [0, 1); meaningless when greedy. */
  readonly draw: number;
  /** False when the mass of what the rows do not show could not be known, and was left out. */
  readonly exact: boolean;
}

export function stages(step: GenerateStep, settings: SampleSettings): Stages {
  const greedy = settings.temperature === 0;
  const temperature = greedy ? 1 : settings.temperature;
  const sorted = [...step.top].sort((a, b) => b.logit - a.logit || a.id - b.id);
  const { heated, exact } = heat(sorted, temperature, step, settings);
  const best = heated[0] ?? 0;
  const mass = step.mass?.topK ?? topKMass(heated, settings, exact);
  let before = 0;
  let position = 0;
  const rows = sorted.map((candidate, i): StageRow => {
    const chosen = candidate.id === step.id;
    const rank = chosen ? step.rank : i;
    const p = heated[i]!;
    // Only the rows below the listed ones are unknown: the chosen one may stand far below, and then nothing adds up to it.
    const gap = rank > i;
    const overK = !greedy && settings.topK > 0 && rank >= settings.topK;
    const cumulative = overK || gap ? null : Math.min(1, (before + p) / mass);
    const cutBy = candidate.drawn > 0 || greedy ? null : whichCut(settings, overK, before / mass, best > 0 ? p / best : 0);
    before += p;
    const from = chosen && step.mass ? step.mass.before : gap ? place(step, candidate.drawn, position) : position;
    const to = from + candidate.drawn;
    position = to;
    return {
      candidate,
      rank,
      chosen,
      scaled: candidate.logit / temperature,
      heated: p,
      cumulative,
      relative: best > 0 ? p / best : 0,
      cutBy,
      from,
      to,
    };
  });
  const shown = rows.reduce((sum, row) => sum + row.candidate.drawn, 0);
  const keptRows = rows.filter((row) => row.candidate.drawn > 0).length;
  return {
    rows,
    otherHeated: exact ? Math.max(0, 1 - rows.reduce((sum, row) => sum + row.heated, 0)) : 0,
    otherDrawn: step.kept > keptRows ? Math.max(0, 1 - shown) : 0,
    otherKept: Math.max(0, step.kept - keptRows),
    greedy,
    draw: step.draw,
    exact,
  };
}

/**
 * softmax(logit / T) over the full vocabulary, from the rows alone: at T = 1 it is the model's own probability; otherwise the
 * drawn probabilities carry it, once multiplied by the mass that the cuts left (1 when nothing was cut).
 */
function heat(
  sorted: readonly Candidate[],
  temperature: number,
  step: GenerateStep,
  settings: SampleSettings,
): { heated: number[]; exact: boolean } {
  if (temperature === 1) return { heated: sorted.map((candidate) => candidate.probability), exact: true };
  const uncut = settings.topK === 0 && settings.topP >= 1 && settings.minP === 0;
  const keptMass = step.mass?.kept ?? (uncut ? 1 : null);
  const anchor = sorted.find((candidate) => candidate.drawn > 0) ?? sorted[0];
  if (!anchor) return { heated: [], exact: true };
  const relative = sorted.map((candidate) => Math.exp((candidate.logit - anchor.logit) / temperature));
  if (keptMass !== null && anchor.drawn > 0) return { heated: relative.map((r) => r * anchor.drawn * keptMass), exact: true };
  const sum = relative.reduce((total, r) => total + r, 0);
  return { heated: relative.map((r) => r / sum), exact: false };
}

/** The mass that top-k leaves, what top-p's cumulative share is measured against, for samplers that do not say it. */
function topKMass(heated: readonly number[], settings: SampleSettings, exact: boolean): number {
  if (settings.topK > 0 && settings.topK <= heated.length) return heated.slice(0, settings.topK).reduce((sum, p) => sum + p, 0);
  return exact ? 1 : heated.reduce((sum, p) => sum + p, 0);
}

function whichCut(settings: SampleSettings, overK: boolean, before: number, relative: number): Cut | null {
  if (overK) return 'topK';
  if (settings.topP < 1 && before >= settings.topP) return 'topP';
  if (settings.minP > 0 && relative < settings.minP) return 'minP';
  // Rounding at the very edge of a cut: the last stage that cuts anything.
  return settings.minP > 0 ? 'minP' : settings.topP < 1 ? 'topP' : settings.topK > 0 ? 'topK' : null;
}

/** Where a chosen token that stands far below the listed ones lies, for samplers that do not say it: around the random number. */
function place(step: GenerateStep, drawn: number, after: number): number {
  return Math.max(after, Math.min(step.draw - drawn / 2, 1 - drawn));
}
