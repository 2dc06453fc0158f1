/** The digest of a run's curve (core/train/curveDigest.ts), from the files of its folder. */
import { type CurveFacts, type CurveParts, curveAfter, curveDigest, curveParts, curveStart } from '../../core/train/curveDigest';
import { history, readEvents } from './events';
import { type RunRecord, readRun } from './folder';

/** What decides the curve; null for a run from before it was kept. */
export function curveFacts({ settings, config, digests }: RunRecord): CurveFacts | null {
  return digests ? { settings, config, text: digests.tokens, tokenizer: digests.tokenizer } : null;
}

/** The chain after a step; null where it cannot be known. Throws `file.*`. */
export async function curveAtStep(path: string, record: RunRecord, step: number): Promise<Uint8Array | null> {
  const facts = curveFacts(record);
  if (!facts || step === 0) return facts && curveStart(facts);
  return curveAfter(facts, history((await readEvents(path, 0)).events), step);
}

/** The digest after the last step in the history; null before the first, and where it cannot be known. Throws `training.noRun`, `file.*`. */
export async function runDigest(path: string): Promise<{ step: number; digest: string; parts: CurveParts; everywhere: boolean } | null> {
  const record = await readRun(path);
  const facts = curveFacts(record);
  if (!facts) return null;
  const events = history((await readEvents(path, 0)).events);
  const step = events.findLast((event) => event.type === 'step')?.step ?? 0;
  const chain = step > 0 ? curveAfter(facts, events, step) : null;
  return chain && { step, digest: curveDigest(chain), parts: curveParts(facts), everywhere: exact(record) };
}

/** Computed so that any other processor gives the same bits. */
export function exact({ computedBy }: RunRecord): boolean {
  return computedBy.cpuFeatures.length === 0;
}
