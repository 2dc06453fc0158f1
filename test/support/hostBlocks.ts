/**
 * How long our code holds the thread of the extension host, from a CPU profile of it: for every turn of the event loop, the
 * samples that have a function of our bundle on their stack. What VS Code and Node do for a call of ours counts as ours; what
 * VS Code does by itself in the same turn does not. Time is processor time, so that a loaded machine changes little: it is
 * counted in samples, what one of them stands for is measured with loops of known length in the same recording (they come late
 * under load), and no turn counts for more than the thread's clock says (a thread that waits for a lock is sampled all the same).
 */
import { createHook } from 'node:async_hooks';
import { Session } from 'node:inspector/promises';

export interface HostBlocks {
  /** The turns that our code took part in, the longest first. */
  readonly turns: readonly Turn[];
  /** All of our samples, and all in which the thread worked, in ms. */
  readonly oursMs: number;
  readonly busyMs: number;
  /** What one sample stands for. */
  readonly sampleMs: number;
}

export interface Turn {
  readonly ms: number;
  /** Rubbish that was collected during it, everybody's: not in `ms`. */
  readonly collectingMs: number;
  /** The outermost functions of ours. */
  readonly entries: readonly string[];
  /** Where the time went: innermost functions, the most first, in ms. */
  readonly inside: Readonly<Record<string, number>>;
}

/** A turn's begin: microseconds of the monotonic clock, and what the thread had computed then, in ms. */
export interface Begin {
  readonly at: number;
  readonly cpu: number;
}

/** The part of `Profiler.Profile` (the DevTools protocol) that is read; times as above. */
export interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
    readonly children?: readonly number[] | undefined;
  }[];
  readonly startTime: number;
  readonly samples?: readonly number[] | undefined;
  readonly timeDeltas?: readonly number[] | undefined;
}

const intervalMs = 0.2;
const calibrationMs = 30;
/** A sample never stands for more, however few of them the calibration loops got. */
const longestSampleMs = 1;
/** The clock of a thread that runs goes on in ticks. */
const tickMs = 4;

/** Whether a function's address is the extension's bundle, wherever it is installed. */
export const isLoupe = (url: string): boolean => /llm-loupe[^/\\]*[/\\]dist[/\\]extension\.js$/.test(url);

/** Begins to record the thread that calls; `stop` gives what it saw. */
export async function recordHost(): Promise<{ stop(): Promise<HostBlocks> }> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: intervalMs * 1000 });
  // A callback of the event loop begins a turn; a promise that goes on belongs to the turn that settled it.
  const promises = new Set<number>();
  const begins: Begin[] = [];
  const begin = () => void begins.push({ at: Number(process.hrtime.bigint() / 1000n), cpu: cpuMs() });
  const hook = createHook({
    init: (id, type) => void (type === 'PROMISE' && promises.add(id)),
    before: (id) => void (promises.has(id) || begin()),
  });
  await session.post('Profiler.start');
  let spun = await calibrate();
  hook.enable();
  return {
    async stop() {
      hook.disable();
      begin();
      spun += await calibrate();
      const { profile } = await session.post('Profiler.stop');
      session.disconnect();
      return hostBlocks(profile, begins, spun);
    },
  };
}

/** What this thread has computed, in ms; on the clock of the wall where Node is too old to know. */
function cpuMs(): number {
  if (!process.threadCpuUsage) return performance.now();
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** Computes for a while in a turn of its own; gives how long, in ms. */
async function calibrate(): Promise<number> {
  await new Promise((resolve) => setImmediate(resolve));
  const begin = cpuMs();
  while (cpuMs() - begin < calibrationMs) calibrationLoop();
  return cpuMs() - begin;
}

function calibrationLoop(): void {
  for (let i = 0, x = 1; i < 20_000; i++) x = Math.imul(x, 48271);
}

/** @param begins when the turns began; @param spun what the calibration loops took, in ms. */
export function hostBlocks(
  { nodes, startTime, samples = [], timeDeltas = [] }: Profile,
  begins: readonly Begin[],
  spun: number,
): HostBlocks {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const stack = (id: number): { readonly functionName: string; readonly url: string }[] => {
    const parent = parents.get(id);
    return [...(parent === undefined ? [] : stack(parent)), frames.get(id)!];
  };
  /** What a node is: its outermost function of ours, or nobody's, or a calibration loop. */
  const kinds = new Map<number, { entry: string | undefined; spin: boolean; idle: boolean; collects: boolean; inside: string }>();
  for (const { id, callFrame } of nodes) {
    const all = stack(id);
    const first = all.find(({ url }) => isLoupe(url));
    const { functionName } = callFrame;
    kinds.set(id, {
      entry: first && (first.functionName || 'anonymous'),
      spin: all.some((frame) => frame.functionName === calibrate.name),
      idle: functionName === '(idle)',
      collects: functionName === '(garbage collector)',
      inside: functionName || 'anonymous',
    });
  }
  const spins = samples.filter((id) => kinds.get(id)!.spin).length;
  const sampleMs = Math.min(longestSampleMs, Math.max(intervalMs, spun / Math.max(1, spins)));

  const turns: { ms: number; collectingMs: number; limit: number; entries: string[]; inside: Record<string, number> }[] = [];
  let open: (typeof turns)[number] | undefined;
  let [ours, busy, time, turn] = [0, 0, startTime, 0];
  samples.forEach((id, i) => {
    time += timeDeltas[i] ?? 0;
    const { entry, spin, idle, collects, inside } = kinds.get(id)!;
    for (; turn < begins.length && begins[turn]!.at <= time; turn++) open = undefined;
    if (spin) return;
    if (!idle) busy++;
    if (collects && open) open.collectingMs += sampleMs;
    if (entry === undefined) return;
    ours++;
    if (!open) {
      const [from, to] = [begins[turn - 1], begins[turn]];
      const limit = from && to ? to.cpu - from.cpu + tickMs : Number.POSITIVE_INFINITY;
      open = { ms: 0, collectingMs: 0, limit, entries: [], inside: {} };
      turns.push(open);
    }
    open.ms += sampleMs;
    if (!open.entries.includes(entry)) open.entries.push(entry);
    open.inside[inside] = (open.inside[inside] ?? 0) + sampleMs;
  });
  for (const each of turns) {
    each.ms = Math.min(each.ms, each.limit);
    each.inside = Object.fromEntries(Object.entries(each.inside).sort(([, a], [, b]) => b - a));
  }
  turns.sort((a, b) => b.ms - a.ms);
  return { turns, oursMs: ours * sampleMs, busyMs: busy * sampleMs, sampleMs };
}

/** "4.1 ms in send: getText 2.0, postMessage 1.1": the longest turn, for people. */
export function longestTurn({ turns }: HostBlocks): string {
  const first = turns[0];
  if (!first) return 'none';
  const inside = Object.entries(first.inside).slice(0, 4);
  return `${first.ms.toFixed(1)} ms in ${first.entries.join(', ')}: ${inside.map(([name, ms]) => `${name} ${ms.toFixed(1)}`).join(', ')}`;
}
