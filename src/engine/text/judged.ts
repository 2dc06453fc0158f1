/**
 * How well a model does on text it never saw, beside a counter of five bytes that read the same training text: of a run, by
 * its history; of the starter, by its card, for the kind of text it was judged on. Of other models nothing is known.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ByteBaselines } from '../../core/train/byteCounters';
import type { ModelRef, TextApi } from '../../protocol/engine';
import { readEvents } from '../runs/events';

type Api = TextApi['judged'];

/** `count` gives the counters of the run at `path`. */
export async function judgedRun(path: string, ref: ModelRef, count: () => Promise<ByteBaselines | null>): Promise<Api['result']> {
  // What a run begins with was evaluated only where that was a model already.
  const [, at = Number.POSITIVE_INFINITY] = /@(\d+|start)$/.exec(ref) ?? [];
  const until = at === 'start' ? 0 : Number(at);
  const { events } = await readEvents(path, 0);
  const evaluated = events.findLast((event) => event.type === 'eval' && event.step <= until);
  const counters = await count();
  if (evaluated?.type !== 'eval' || !counters) return null;
  return { bitsPerByte: evaluated.bitsPerByte, fiveBytes: counters.bytes5, kind: null };
}

/** Reads the table "held-out text | starter | 5-gram counter" of the card. */
export async function judgedStarter(folder: string, kind: Api['params']['kind']): Promise<Api['result']> {
  const card = await readFile(join(folder, 'README.md'), 'utf8').catch(() => '');
  const rows = card.split('\n').map((line) => line.split('|').map((cell) => cell.replaceAll('*', '').trim()));
  const head = rows.findIndex(([, first, , third]) => first === 'held-out text' && third === '5-gram counter');
  const row = head < 0 ? undefined : rows.slice(head).find(([, first]) => first?.toLowerCase().startsWith(kind ?? '?'));
  const [bitsPerByte, fiveBytes] = [Number.parseFloat(row?.[2] ?? ''), Number.parseFloat(row?.[3] ?? '')];
  return Number.isFinite(bitsPerByte) && Number.isFinite(fiveBytes) ? { bitsPerByte, fiveBytes, kind } : null;
}
