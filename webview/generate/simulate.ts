/**
 * One draw from given logits, with every number a sampler reports: for fixtures and tests. Written for clarity, on plain
 * arrays; the real sampler is core/sample. Never bundled with a panel.
 */
import type { Candidate, GenerateStep, SampleSettings } from '../../src/core/sample/types';

/** `listed` is how many of the most probable tokens are reported (and always the chosen one). */
export function drawToken(
  logits: readonly number[],
  texts: readonly string[],
  settings: SampleSettings,
  draw: number,
  listed = 20,
): GenerateStep {
  const order = logits.map((_, id) => id).sort((a, b) => logits[b]! - logits[a]! || a - b);
  const own = softmax(logits);
  const greedy = settings.temperature === 0;
  const heated = greedy ? own : softmax(logits.map((logit) => logit / settings.temperature));
  const afterK = greedy ? order.slice(0, 1) : settings.topK > 0 ? order.slice(0, settings.topK) : order;
  const massK = sum(afterK.map((id) => heated[id]!));
  let before = 0;
  const afterP = afterK.filter((id) => {
    const keep = settings.topP >= 1 || before / massK < settings.topP;
    before += heated[id]!;
    return keep;
  });
  const kept = afterP.filter((id) => heated[id]! >= settings.minP * heated[order[0]!]!);
  const mass = sum(kept.map((id) => heated[id]!));
  const drawn = new Map(kept.map((id) => [id, heated[id]! / mass]));
  let start = 0;
  let chosen = kept[0]!;
  let reached = 0;
  for (const id of kept) {
    chosen = id;
    start = reached;
    reached += drawn.get(id)!;
    if (draw < reached) break;
  }
  const shown = order.filter((id, rank) => rank < listed || id === chosen);
  const top: Candidate[] = shown.map((id) => ({
    id,
    text: texts[id]!,
    logit: logits[id]!,
    probability: own[id]!,
    drawn: drawn.get(id) ?? 0,
  }));
  const step = {
    id: chosen,
    text: texts[chosen]!,
    logprob: Math.log(own[chosen]!),
    rank: order.indexOf(chosen),
    kept: kept.length,
    draw,
    top,
  };
  return greedy ? step : { ...step, mass: { topK: massK, kept: mass, before: start } };
}

function softmax(values: readonly number[]): number[] {
  const top = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const exp = values.map((value) => Math.exp(value - top));
  const total = sum(exp);
  return exp.map((value) => value / total);
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
