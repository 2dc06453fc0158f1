/**
 * Exercises in looking back: lists of words of the corpus, drawn at random, that come again and again. What comes next can only be
 * known by finding where the word stood before and what followed: that is what an induction head does, and a model this small
 * finds it in a few million tokens only where text rewards it often.
 */

/** Numbers in [0, 1) from a seed (mulberry32). */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A space belongs to the token of the word after it. A comma would be a token of its own, which tells nothing of where one is. */
const separators = [' ', ' ', ''];
/** Words of a list, at least and at most; characters of it with all its repetitions. */
const [fewest, most, length] = [4, 64, 1200];

/** The words that occur most: of few words, what looking back is worth is learnt first. */
function frequent(words, count) {
  const counts = new Map();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const ordered = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  return ordered.slice(0, count).map(([word]) => word);
}

/** About so many bytes in files of twenty lists each. @param {string[]} texts */
export function repeatedLists(texts, bytes, seed) {
  const random = generator(seed);
  const pick = (from) => from[Math.floor(random() * from.length)];
  // As often as they are in the texts, so that the tokenizer that is learnt from both stays as it was.
  const words = texts.flatMap((text) => (text.match(/[\p{L}\p{N}_$]+/gu) ?? []).filter((_word, i) => i % 29 === 0));
  const pools = [frequent(words, 100), frequent(words, 500), words, words];
  const list = () => {
    const pool = pick(pools);
    const separator = pick(separators);
    const count = Math.round(Math.exp(Math.log(fewest) + random() * Math.log(most / fewest)));
    const items = new Set();
    while (items.size < count) {
      const word = pick(pool);
      // Without separators: pieces of words, as tokens are.
      const start = Math.floor(random() * Math.max(1, word.length - 2));
      items.add(separator === '' ? word.slice(start, start + 2 + Math.floor(random() * 4)) : word);
    }
    const once = [...items].join(separator) + separator;
    return once.repeat(Math.max(2, Math.ceil(length / once.length)));
  };
  const files = [];
  for (let written = 0; written < bytes; ) {
    const text = Array.from({ length: 20 }, list).join('\n\n');
    files.push({ path: `lists/${String(files.length).padStart(4, '0')}.txt`, text });
    written += Buffer.byteLength(text);
  }
  return files;
}
