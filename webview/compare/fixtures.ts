/** The panel that compares tokenizers in each of its states, for the gallery. The tokenizers are real, if small. */

import type { ComparedRow, CompareHost, ComparePanelView, CompareState } from '../../src/protocol/panels';
import { boot } from '../lib/boot';
import type { FixtureState, Fixtures, Hands } from '../lib/fixture';
import { t } from '../lib/l10n';
import { type FixtureName, fixtureTokenizer } from '../merges/simulate';
import { graphemeSpans } from './simulate';

type State = FixtureState<CompareHost, ComparePanelView>;

const parallel = {
  french:
    'Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont doués de raison et de conscience et doivent agir les uns envers les autres dans un esprit de fraternité.',
  english:
    'All human beings are born free and equal in dignity and rights. They are endowed with reason and conscience and should act towards one another in a spirit of brotherhood.',
  source: t('Universal Declaration of Human Rights, article 1'),
};

const kinds: readonly [name: string, trained: FixtureName, merges: number][] = [
  ['starter', 'french', 150],
  ['novels-nano', 'english', 60],
  ['essays-nano', 'english', 180],
  ['roman-micro', 'emoji', 40],
];

function row([name, trained, merges]: (typeof kinds)[number], text: string): ComparedRow {
  const tokenizer = fixtureTokenizer(trained, merges);
  const encode = (each: string) => graphemeSpans(each, tokenizer);
  return {
    ref: name,
    name,
    vocabSize: 260 + merges,
    tokens: encode(text),
    error: null,
    french: encode(parallel.french).ids.length,
    english: encode(parallel.english).ids.length,
  };
}

const ownText = boot.language.startsWith('fr') ? parallel.french : parallel.english;

function state(text = ownText, change: Partial<CompareState> = {}): CompareState {
  return { text, left: 0, rows: kinds.map((kind) => row(kind, text)), parallel, most: 4, ...change };
}

function panel(first: () => CompareState, play?: (hands: Hands) => Promise<void>, showcase = false): State {
  return {
    host: {
      ready: first,
      compare: ({ text }) => state(text),
      remove: ({ ref }) => state(ownText, { rows: first().rows.filter((each) => each.ref !== ref) }),
      save: async () => ({ saved: true }),
    },
    play: async (_, hands) => {
      await hands.find('.headline');
      await hands.pause(100);
      await play?.(hands);
    },
    showcase,
  };
}

export const states: Fixtures<CompareHost, ComparePanelView> = {
  four: panel(
    () => state(),
    async (hands) => {
      (await hands.find('.aligned')).focus();
      for (const key of ['ArrowRight', 'ArrowRight', 'ArrowRight', 'ArrowDown']) await hands.key(key);
    },
    true,
  ),
  two: panel(() => state(ownText, { rows: kinds.slice(0, 2).map((kind) => row(kind, ownText)), left: 312 })),
  'one removed': panel(
    () => state(),
    (hands) => hands.click('.figures tr:nth-child(2) .icon-button'),
  ),
  'as a table': panel(
    () => state(),
    (hands) => hands.key('t'),
  ),
  'pieces of characters': panel(() => state('un 🦊 à l’été\n\tif (café) { return "🐢🐢"; }\n\nfin')),
  'right to left': panel(() => state('السلام عليكم، سلام 🦊 للجميع')),
  'one cannot be read': panel(() => {
    const broken = t('{path} does not exist.', { path: '/home/user/models/tokenizer.json' });
    const rows = [
      ...kinds.slice(0, 2).map((kind) => row(kind, ownText)),
      { ref: 'x', name: 'tokenizer.json', vocabSize: null, tokens: null, error: broken, french: null, english: null },
    ];
    return state(ownText, { rows });
  }),
  empty: panel(() => state('')),
  'no tokenizer': panel(() => state(ownText, { rows: [] })),
};
