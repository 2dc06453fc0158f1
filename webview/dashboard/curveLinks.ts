/** The digest of the curve at every step there is (core/train/curveDigest.ts), kept up as steps arrive. Pure. */
import { type CurveFacts, curveDigest, curveStart, curveStep } from '../../src/core/train/curveDigest';
import type { DashboardRun } from '../../src/protocol/panels';
import type { History } from './history';

/** What decides a run's curve; null where that is not known. */
export function factsOf({ settings, config, curve }: DashboardRun): CurveFacts | null {
  return settings && config && curve ? { settings, config, text: curve.text, tokenizer: curve.tokenizer } : null;
}

export class CurveLinks {
  /** The chain after as many steps as its place says. */
  private links: Uint8Array[] = [];
  private stamp = '';

  /** After step `step`; null before the first, and where a step is missing. */
  at(facts: CurveFacts, history: History, step: number): string | null {
    const { step: numbers, loss } = history.steps;
    const stamp = `${JSON.stringify(facts)} ${history.rewinds}`;
    if (stamp !== this.stamp) {
      this.stamp = stamp;
      this.links = [curveStart(facts)];
    }
    const { links } = this;
    for (let i = links.length - 1; i < step && numbers[i] === i + 1; i++) links.push(curveStep(links[i]!, loss[i]!));
    const link = step > 0 ? links[step] : undefined;
    return link ? curveDigest(link) : null;
  }
}
