/**
 * Which documents train and which are held out. Each group of near-copies stays on one side; a document's place depends on
 * the seed and its id, not on its neighbours, so that adding a file moves at most the few at the border.
 */
import { sha256 } from './sha256';
import type { CorpusPart } from './types';

export interface SplitDocument {
  readonly id: string;
  readonly bytes: number;
  /** Documents with the same number are near-copies of each other. */
  readonly group: number;
  /** Named by the user: always held out, with its near-copies. */
  readonly heldOut: boolean;
}

export interface Split {
  readonly parts: readonly CorpusPart[];
  /** Too few documents to hold one out: the end of this one is held out instead. */
  readonly cut: { readonly index: number; readonly share: number } | null;
}

interface Group {
  readonly members: number[];
  bytes: number;
  heldOut: boolean;
  /** Place in the order of holding out, in [0, 1): that of the member with the smallest `tie`. */
  place: number;
  tie: number;
}

export function splitDocuments(documents: readonly SplitDocument[], seed: number, share: number): Split {
  const groups = gather(documents, seed);
  const total = documents.reduce((sum, document) => sum + document.bytes, 0);
  const target = total * share;
  const held = new Set(groups.filter((group) => group.heldOut));
  let bytes = 0;
  for (const group of held) bytes += group.bytes;

  const others = groups.filter((group) => !group.heldOut).sort((a, b) => a.place - b.place || a.tie - b.tie);
  // Where one document outweighs the rest, the rest must not all be held out.
  const most = Math.max(1, Math.ceil(others.length * Math.max(1 / 3, 1.5 * share)));
  for (const group of others) {
    if (bytes >= target || held.size >= most) break;
    if (bytes + group.bytes > 1.5 * target) continue;
    held.add(group);
    bytes += group.bytes;
  }
  let cut: Split['cut'] = null;
  if (bytes < target / 2) {
    // What is left is large: a group that is not too large, or else the end of a document.
    const left = others.filter((group) => !held.has(group));
    const fits = (group: Group) => bytes + group.bytes >= target / 2 && bytes + group.bytes <= 2.5 * target;
    const smallest = left.filter(fits).reduce<Group | null>((best, group) => (best && best.bytes <= group.bytes ? best : group), null);
    if (smallest && left.length > 1) held.add(smallest);
    else {
      // A document without near-copies where there is one: their copies of its end would be trained on.
      const alone = left.filter((group) => group.members.length === 1);
      const candidates = (alone.length > 0 ? alone : left).flatMap((group) => group.members);
      const index = candidates.reduce((best, at) => (best < 0 || documents[at]!.bytes > documents[best]!.bytes ? at : best), -1);
      if (index >= 0) cut = { index, share: Math.min(0.5, (target - bytes) / documents[index]!.bytes) };
    }
  }
  const parts = documents.map((): CorpusPart => 'train');
  for (const group of held) for (const member of group.members) parts[member] = 'validation';
  return { parts, cut };
}

function gather(documents: readonly SplitDocument[], seed: number): Group[] {
  const groups = new Map<number, Group>();
  const encoder = new TextEncoder();
  for (const [index, document] of documents.entries()) {
    const digest = new DataView(sha256(encoder.encode(`${seed}\0${document.id}`)).buffer as ArrayBuffer);
    const place = digest.getUint32(0) / 2 ** 32;
    const tie = digest.getUint32(4);
    const group = groups.get(document.group);
    if (!group) {
      groups.set(document.group, { members: [index], bytes: document.bytes, heldOut: document.heldOut, place, tie });
      continue;
    }
    group.members.push(index);
    group.bytes += document.bytes;
    group.heldOut ||= document.heldOut;
    if (tie < group.tie) Object.assign(group, { place, tie });
  }
  return [...groups.values()];
}
