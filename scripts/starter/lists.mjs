/**
 * Exercises in looking back: phrases of words of the corpus, drawn at random, that come again and again in any order. What comes
 * next can only be known by finding where the word stood before and what followed: that is what an induction head does, and a
 * model this small comes to one in a few million tokens only where text rewards it often. In any order, for what
 * comes back at equal distances is learnt by heads that look so far back, whatever stands there (docs/decisions.md).
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

/** Words of a phrase, at least and at most. */
const words = [2, 5];
/** How often a phrase comes, in the middle. */
const times = 4;

/** The words that occur most. */
function frequent(words, count) {
  const counts = new Map();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const ordered = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  return ordered.slice(0, count).map(([word]) => word);
}

const every = (list, step) => list.filter((_one, i) => i % step === 0);
const wordsOf = (text) => text.match(/[\p{L}\p{N}_$]+/gu) ?? [];
/** Whatever stands between blanks: punctuation, code, fragments of words. */
const piecesOf = (text) => (text.match(/\S+/g) ?? []).map((piece) => piece.slice(0, 12));

/**
 * Two courses. `few`: a few phrases of 256 words, in which looking back is worth the most and learnt first. `many`: up to thirty
 * phrases of few words, of many, each as often as every other (for what is seldom is copied too), of words as often as they occur,
 * and of whatever stands between blanks.
 * @param {string[]} texts
 */
export function courses(texts) {
  const found = texts.flatMap((text) => every(wordsOf(text), 29));
  const pieces = texts.flatMap((text) => every(piecesOf(text), 97));
  const common = frequent(found, 256);
  return {
    few: { pools: [common], phrases: [3, 8], least: 400 },
    many: { pools: [common, frequent(found, 4000), found, pieces], phrases: [3, 30], least: 300 },
  };
}

/** About so many bytes in files of twenty exercises each. `folder`: where they are to lie. */
export function repeatedPhrases({ pools, phrases, least }, folder, bytes, seed) {
  const random = generator(seed);
  const pick = (from) => from[Math.floor(random() * from.length)];
  const between = ([from, to]) => from + Math.floor(random() * (to - from + 1));
  const exercise = () => {
    const pool = pick(pools);
    // Short ones as often as long ones: what looking back is worth is learnt first where there is little to look at.
    const count = Math.round(phrases[0] * (phrases[1] / phrases[0]) ** random());
    const known = Array.from({ length: count }, () => Array.from({ length: between(words) }, () => pick(pool)).join(' '));
    const length = Math.max(least, times * known.join(' ').length);
    let text = pick(known);
    while (text.length < length) text += ` ${pick(known)}`;
    return text;
  };
  const files = [];
  for (let written = 0; written < bytes; ) {
    const text = Array.from({ length: 20 }, exercise).join('\n');
    files.push({ path: `${folder}/${String(files.length).padStart(4, '0')}.txt`, text });
    written += Buffer.byteLength(text);
  }
  return files;
}
