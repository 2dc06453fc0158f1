/** What a bench tells, and what it is given. */
import type { Peers } from '../../../scripts/lib/peers.mjs';

export interface BenchRow {
  readonly name: string;
  readonly unit: string;
  readonly loupe: number;
  /** null where the peer is absent, or where there is none to compare with. */
  readonly peer: number | null;
  readonly peerName: string | null;
  /** Ours by the peer's. */
  readonly ratio: number | null;
  readonly goal?: string;
  /** Absent where it cannot be told: without the peer, or where the goal is in words. */
  readonly reached?: boolean;
}

export interface BenchContext {
  /** Root of the project. */
  readonly root: string;
  /** Folder of the backends' files. */
  readonly assets: string;
  readonly peers: Peers;
  /** `--profile`: print what takes how long, kernel by kernel. */
  readonly profile: boolean;
  /** Whether `--only` leaves this part of the bench in: `training` chooses all parts, `training/small` one. */
  wants(part: string): boolean;
  /** Bundles a TypeScript program (path from the root) for a process of its own; gives the path of the file. */
  bundle(entry: string): Promise<string>;
}

/** Of the ratio: at least, or at most. */
export type Goal = { readonly least: number } | { readonly most: number };

/** A row with its ratio, and whether that reaches the goal. */
export function against(row: {
  name: string;
  unit: string;
  loupe: number;
  peer: number | null | undefined;
  peerName: string;
  goal?: Goal;
}): BenchRow {
  const { name, unit, loupe, peer = null, peerName, goal } = row;
  const ratio = peer === null ? null : loupe / peer;
  return { name, unit, loupe, peer, peerName, ratio, ...(goal ? { goal: words(goal), ...verdict(ratio, goal) } : {}) };
}

/** A row with nothing to compare. */
export function alone(name: string, unit: string, loupe: number): BenchRow {
  return { name, unit, loupe, peer: null, peerName: null, ratio: null };
}

function words(goal: Goal): string {
  return 'least' in goal ? `≥ ${goal.least}` : `≤ ${goal.most}`;
}

function verdict(ratio: number | null, goal: Goal): { reached?: boolean } {
  if (ratio === null) return {};
  return { reached: 'least' in goal ? ratio >= goal.least : ratio <= goal.most };
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] as number;
}
