/**
 * Near-duplicates, so that a copy of a training document never serves as held-out text. One-permutation MinHash
 * (Li, Owen, Zhang 2012) over shingles of four words, compared through bands (locality-sensitive hashing).
 * Only signatures of 256 bytes are kept, never texts. Exact copies are found by their digest, not here.
 */

const BINS = 64;
const ROWS = 4;
const WORDS = 4;
/** Below this the texts are too short for the estimate to mean anything. */
const FEWEST_SHINGLES = 16;
/** Estimated Jaccard similarity from which two texts count as copies of each other. */
const SIMILAR = 0.7;
const EMPTY = 0xffffffff;

/** Signature of a text: the smallest hash in each bin; null where the text is too short to say. */
export function signature(text: string): Uint32Array | null {
  const bins = new Uint32Array(BINS).fill(EMPTY);
  const last = new Int32Array(WORDS);
  let words = 0;
  let hash = 0;
  let inWord = false;
  for (let i = 0; i <= text.length; i++) {
    const unit = i < text.length ? text.charCodeAt(i) : 32;
    if (isWord(unit)) {
      // FNV-1a over UTF-16 units.
      hash = Math.imul((inWord ? hash : 0x811c9dc5) ^ unit, 0x01000193);
      inWord = true;
    } else if (inWord) {
      inWord = false;
      last[words++ % WORDS] = hash;
      if (words < WORDS) continue;
      let shingle = 0;
      for (let w = 0; w < WORDS; w++) shingle = Math.imul(shingle ^ mix(last[(words + w) % WORDS]!), 0x9e3779b1) | 0;
      const mixed = mix(shingle);
      const bin = mixed >>> 26;
      const value = mix(mixed ^ 0x5bd1e995);
      if (value < bins[bin]!) bins[bin] = value;
    }
  }
  if (words - WORDS + 1 < FEWEST_SHINGLES) return null;
  return fillEmpty(bins);
}

/** Share of equal bins: an estimate of the Jaccard similarity of the two sets of shingles. */
export function similarity(a: Uint32Array, b: Uint32Array): number {
  let equal = 0;
  for (let i = 0; i < BINS; i++) if (a[i] === b[i]) equal++;
  return equal / BINS;
}

/** Group of each document: the index of the first document that it is a near-copy of, directly or through others. */
export function groupNearDuplicates(signatures: readonly (Uint32Array | null)[]): number[] {
  const parent = signatures.map((_, index) => index);
  const find = (index: number): number => {
    let root = index;
    while (parent[root] !== root) root = parent[root]!;
    while (parent[index] !== root) [parent[index], index] = [root, parent[index]!];
    return root;
  };
  // One band after the other, so that one table is in memory at a time.
  for (let band = 0; band < BINS; band += ROWS) {
    const first = new Map<number, number>();
    for (const [index, bins] of signatures.entries()) {
      if (!bins) continue;
      let key = band;
      for (let row = 0; row < ROWS; row++) key = mix(key ^ bins[band + row]!);
      const other = first.get(key);
      if (other === undefined) first.set(key, index);
      else if (find(other) !== find(index) && similarity(signatures[other]!, bins) >= SIMILAR) {
        const [low, high] = [find(other), find(index)].sort((a, b) => a - b) as [number, number];
        parent[high] = low;
      }
    }
  }
  return parent.map((_, index) => find(index));
}

/** Empty bins take the value of the next full one, changed by the distance (Shrivastava and Li 2014). */
function fillEmpty(bins: Uint32Array): Uint32Array {
  const full = bins.slice();
  for (let i = 0; i < BINS; i++) {
    let distance = 0;
    while (bins[(i + distance) % BINS] === EMPTY) distance++;
    full[i] = (bins[(i + distance) % BINS]! + distance) >>> 0;
  }
  return full;
}

/** Letters and digits without Unicode tables, which differ between JavaScript engines. */
function isWord(unit: number): boolean {
  if (unit < 128) return (unit >= 48 && unit <= 57) || (unit >= 65 && unit <= 90) || (unit >= 97 && unit <= 122) || unit === 95;
  return unit >= 0xc0 && !(unit >= 0x2000 && unit <= 0x206f) && !(unit >= 0x3000 && unit <= 0x303f) && unit !== 0xfeff;
}

/** Finaliser of MurmurHash3, as an unsigned number. */
function mix(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}
