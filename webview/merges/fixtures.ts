/** The merges panel in each of its states, for the gallery. The tokenizers are real, if small (simulate.ts). */
import type { MergesHost, MergesPanelView, MergesState } from '../../src/protocol/panels';
import { boot } from '../lib/boot';
import type { FixtureState, Fixtures, Hands } from '../lib/fixture';
import { t } from '../lib/l10n';
import { type FixtureName, fixtureTokenizer } from './simulate';

type State = FixtureState<MergesHost, MergesPanelView>;

const french = boot.language.startsWith('fr');
const word = french ? 'anticonstitutionnellement' : 'internationalization';

function state(text: string, change: Partial<MergesState> = {}, name: FixtureName = french ? 'french' : 'english') {
  const tokenizer = fixtureTokenizer(name);
  return {
    text,
    left: 0,
    tokenizer: 'starter',
    view: tokenizer.view(text),
    entry: null,
    error: null,
    ...change,
  } satisfies MergesState;
}

function panel(first: () => MergesState, play?: (hands: Hands) => Promise<void>, showcase = false, name?: FixtureName): State {
  const tokenizer = fixtureTokenizer(name ?? (french ? 'french' : 'english'));
  return {
    host: {
      ready: first,
      encode: ({ text }) => state(text, {}, name),
      entry: ({ id }) => tokenizer.entry(id),
      save: async () => ({ saved: true }),
    },
    play: async (_, hands) => {
      await hands.find('.sequence .token');
      await play?.(hands);
    },
    showcase,
    rooms: showcase ? [[700, 900]] : [],
  };
}

const keys = async (hands: Hands, key: string, times: number) => {
  for (let i = 0; i < times; i++) await hands.key(key);
};
const training = (hands: Hands) => hands.click('.segments button:last-child');

export const states: Fixtures<MergesHost, MergesPanelView> = {
  bytes: panel(() => state(word)),
  'half way': panel(
    () => state(word),
    async (hands) => {
      await keys(hands, 'ArrowRight', 8);
      await hands.click('.sequence .token.made');
    },
    true,
  ),
  'at the end': panel(
    () => state(word),
    async (hands) => {
      await hands.key('End');
      await hands.click('.sequence .token');
    },
  ),
  'a sentence': panel(
    () =>
      state(french ? 'Tous les êtres humains naissent libres et égaux' : 'All human beings are born free and equal in dignity', {
        left: 120,
      }),
    (hands) => keys(hands, 'ArrowRight', 5),
  ),
  'pieces of characters': panel(
    () => state('un 🦊 à l’été', {}, 'emoji'),
    (hands) => keys(hands, 'ArrowRight', 3),
    false,
    'emoji',
  ),
  'right to left': panel(
    () => state('السلام عليكم', {}, 'emoji'),
    (hands) => keys(hands, 'ArrowRight', 6),
    false,
    'emoji',
  ),
  'a token of the editor': panel(() => {
    const tokenizer = fixtureTokenizer(french ? 'french' : 'english');
    const text = french ? 'constitution' : 'nationalization';
    return state(text, { entry: tokenizer.entry(tokenizer.view(text).tokens.at(-1)!) });
  }),
  'every step': panel(
    () => state(word),
    (hands) => hands.key('t'),
  ),
  training: panel(
    () => state(word),
    async (hands) => {
      await training(hands);
      await keys(hands, 'ArrowRight', 5);
      await hands.click('.vocabulary .token.made');
    },
  ),
  'training at the end': panel(
    () => state(word),
    async (hands) => {
      await training(hands);
      await hands.key('End');
    },
  ),
  empty: {
    ...panel(() => state('')),
    play: async (_, hands) => {
      await hands.find('.headline');
    },
  },
  'training on nothing': panel(
    () => state(word),
    async (hands) => {
      await training(hands);
      const text = (await hands.find('#training')) as HTMLTextAreaElement;
      text.value = '';
      text.dispatchEvent(new Event('input'));
      await hands.pause(300);
    },
  ),
  error: {
    ...panel(() =>
      state(word, {
        view: null,
        tokenizer: 'llama2',
        error: { title: t('How "{name}" merges its tokens is not known.', { name: 'llama2' }), detail: '' },
      }),
    ),
    play: async (_, hands) => {
      await hands.find('.failure');
    },
  },
};
