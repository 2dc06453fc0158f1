/** The generation panel in each of its states, for the gallery. Draws are simulated (simulate.ts) from made-up logits. */
import type { GenerateStep, SampleSettings } from '../../src/core/sample/types';
import type { Copied } from '../../src/protocol/engine';
import type { GeneratedWith, GenerateHost, GeneratePanelView, GenerateState } from '../../src/protocol/panels';
import { mulberry32 } from '../dashboard/simulate';
import { boot } from '../lib/boot';
import type { FixtureState, Fixtures, Hands } from '../lib/fixture';
import { t } from '../lib/l10n';
import { drawToken } from './simulate';

const settings: SampleSettings = { temperature: 0.8, topK: 40, topP: 0.95, minP: 0, seed: 42 };

interface Story {
  readonly prompt: string;
  /** Tokens that are drawn, cut by `|`. */
  readonly text: string;
  /** Tokens that might come anywhere. */
  readonly others: string;
}

const stories = {
  en: {
    prompt: 'It was late in the evening when',
    text: ' the| coach| stopped| at| the| gate| of| the| old| house|,| and| a| man| came| out| with| a| lan|tern| in| his| hand|.| “|Who| is| there|?|”| he| said|,| and| nobody| answered|.',
    others:
      ' she| it| they| carriage| door| window| was| had| went| came| and| but| in| on| for| with| her| my| to| from| that|.|,|;|\n| night| young| little| great| lady| gentleman| looked| turned| cried| asked| nothing| one| no| up| down| into| upon',
  },
  fr: {
    prompt: 'Il était tard dans la soirée quand',
    text: ' la| voiture| s’|arrêta| devant| la| grille| de| la| vieille| maison|,| et| un| homme| en| sor|tit|,| une| lan|terne| à| la| main|.| —| Qui| est| là|\u00a0?| dit|-|il|,| et| personne| ne| répondit|.',
    others:
      ' il| elle| le| une| porte| fenêtre| était| avait| vint| alla| et| mais| dans| sur| pour| avec| son| ma| au| du| que|.|,|;|\n| nuit| jeune| petit| grand| dame| comte| regarda| cria| rien| on| pas| en| vers| tout',
  },
  ar: {
    prompt: 'كان الوقت متأخرا حين',
    text: ' توقفت| العربة| أمام| باب| البيت|،| وخرج| رجل| وفي| يده| شمعة|.',
    others: ' في| من| على| إلى| كان| قال| الليل| الباب| شيخ| امرأة| لا| ثم| و| عن| مع',
  },
  long: {
    prompt: 'Le plus long mot :',
    text: ` ${'anticonstitutionnellement'.repeat(4)}| caf|\ufffd|\ufffd| et|\n|\t|fin|${'='.repeat(80)}|.`,
    others: ' mot| est| le| la| de|.|,|\ufffd|==|--|\n\n|    | a| b| c| d',
  },
} satisfies Record<string, Story>;

const language = boot.language.startsWith('fr') ? 'fr' : 'en';

/** Logits over a vocabulary of 600 in which the story's token is likely, sometimes not the likeliest. */
function tell(name: keyof typeof stories, given: SampleSettings): GenerateStep[] {
  const story = stories[name];
  const words = story.text.split('|');
  const vocabulary = [...new Set([...words, ...story.others.split('|')])];
  while (vocabulary.length < 600) vocabulary.push(`w${vocabulary.length}`);
  const random = mulberry32(given.seed);
  return words.map((word, position) => {
    const target = vocabulary.indexOf(word);
    const logits = vocabulary.map((_, id) => (id < 60 ? 3.5 * random() ** 1.5 + 1.2 : 2.2 * random() - 3));
    logits[target] = 3.1 + 2.4 * random();
    const trial = drawToken(logits, vocabulary, given, 0);
    if (given.temperature === 0) return trial;
    // The random number that draws the story's token.
    const before = trial.top.filter((one) => one.logit > logits[target]!).reduce((sum, one) => sum + one.drawn, 0);
    const drawn = trial.top.find(({ id }) => id === target)?.drawn ?? 0;
    const at = 0.15 + 0.7 * random();
    const step = drawToken(logits, vocabulary, given, drawn > 0 ? before + drawn * at : at);
    // The second piece of a character completes it; the first brings no text.
    if (word !== '\ufffd') return step;
    return { ...step, text: words[position - 1] === '\ufffd' ? 'é' : '' };
  });
}

const made: GeneratedWith = {
  model: 'novels-micro',
  tokenizer: { name: 'novels-micro', vocabSize: 600 },
  contextLength: 256,
  dtype: 'f32',
  backend: 'WebAssembly, SIMD',
  special: ['<bos>'],
  prompt: [2, 310, 411, 512, 327, 298],
};

function panelState(name: keyof typeof stories, change: Partial<GenerateState> = {}): GenerateState {
  return {
    model: 'novels-micro',
    prompt: stories[name].prompt,
    settings,
    maxTokens: 48,
    notice: t('A small model, trained for a few minutes: it writes the form of sentences, not their sense.'),
    error: null,
    ...change,
  };
}

type State = FixtureState<GenerateHost, GeneratePanelView>;

const nothing = async () => undefined;

/** Two parts of a text that is long enough, as if a model had learnt them by heart. */
function copiedOf(text: string): Copied {
  if (text.length < 110) return { runs: [], share: 0 };
  const source = (line: number) => ({
    id: 'novels/chapitres/la-voiture.txt',
    path: '/home/user/novels/la-voiture.txt',
    line,
    character: 0,
  });
  const runs = [
    { start: 4, end: 38, source: source(411) },
    { start: 70, end: 104, source: source(96) },
  ];
  return { runs, share: 68 / text.length };
}

function host(name: keyof typeof stories, change: Partial<GenerateState>, generate: NonNullable<State['host']['generate']>): State['host'] {
  return {
    ready: () => panelState(name, change),
    generate,
    made: async () => made,
    insert: nothing,
    copies: async ({ text }) => copiedOf(text),
    openCopied: nothing,
    hideComparison: nothing,
    command: nothing,
    save: async () => ({ saved: true }),
    python: async () => ({ saved: true }),
  };
}

function generated(
  name: keyof typeof stories,
  change: Partial<GenerateState> = {},
  play?: (hands: Hands) => Promise<void>,
  showcase = false,
): State {
  return {
    host: host(name, change, async ({ settings: asked }, context) => {
      const steps = tell(name, asked);
      for (const step of steps) context.progress(step);
      return { text: steps.map(({ text }) => text).join(''), finish: 'eos', tokensPerSecond: 118, made };
    }),
    play: async (_, hands) => {
      await hands.click('.toolbar .button');
      await hands.find(`.chips [data-index="${stories[name].text.split('|').length - 1}"]`);
      await hands.pause(150);
      await play?.(hands);
    },
    showcase,
  };
}

function withCopies(copied: Copied | null): State {
  const state = generated(language);
  return { ...state, host: { ...state.host, copies: async () => copied } };
}

export const states: Fixtures<GenerateHost, GeneratePanelView> = {
  empty: { host: host(language, { notice: null }, () => new Promise(() => {})) },
  reading: { host: host(language, {}, () => new Promise(() => {})), play: async (_, hands) => hands.click('.toolbar .button') },
  streaming: {
    host: host(language, {}, async ({ settings: asked }, context) => {
      for (const step of tell(language, asked).slice(0, 17)) context.progress(step);
      return new Promise(() => {});
    }),
    play: async (_, hands) => {
      await hands.click('.toolbar .button');
      await hands.find('.chips [data-index="16"]');
    },
  },
  finished: generated(language),
  locked: generated(language, {}, (hands) => hands.click('.chips [data-index="14"]'), true),
  'walked by keys': generated(language, {}, async (hands) => {
    await hands.click('.chips [data-index="14"]');
    await hands.key('ArrowLeft');
    await hands.key('ArrowLeft');
  }),
  'worse than counting': {
    host: host(language, {}, () => new Promise(() => {})),
    play: async (view) => {
      const [own, counted] = language === 'fr' ? ['2,91', '2,31 bits par octet'] : ['2.91', '2.31 bits per byte'];
      await view.compared({
        words: t('Worse than counting five bytes on the text it was tested on ({0} against {1}): expect broken words.', own, counted),
      });
    },
  },
  'notice known late': {
    ...generated(language, { notice: null }),
    play: async (view, hands) => {
      await generated(language).play?.(view, hands);
      await view.noticed({ notice: panelState(language).notice });
    },
  },
  'nothing copied': withCopies({ runs: [], share: 0 }),
  'training text elsewhere': withCopies(null),
  'min-p': generated(language, { settings: { ...settings, topK: 0, topP: 1, minP: 0.1 } }, (hands) =>
    hands.click('.chips [data-index="5"]'),
  ),
  'all cuts': generated(language, { settings: { temperature: 1.3, topK: 12, topP: 0.9, minP: 0.2, seed: 7 } }, (hands) =>
    hands.click('.chips [data-index="5"]'),
  ),
  'nothing cut': generated(language, { settings: { temperature: 1, topK: 0, topP: 1, minP: 0, seed: 3 } }, (hands) =>
    hands.click('.chips [data-index="9"]'),
  ),
  greedy: generated(language, { settings: { ...settings, temperature: 0 } }, (hands) => hands.click('.chips [data-index="3"]')),
  cancelled: {
    host: host(language, {}, async ({ settings: asked }, context) => {
      for (const step of tell(language, asked).slice(0, 9)) context.progress(step);
      return new Promise(() => {});
    }),
    play: async (_, hands) => {
      await hands.click('.toolbar .button');
      await hands.find('.chips [data-index="8"]');
      await hands.click('.toolbar .button.secondary');
    },
  },
  error: {
    host: host(language, {}, async () => {
      throw new Error('unreachable');
    }),
    play: async (view) => {
      await view.show(
        panelState(language, {
          error: {
            title: t('No model at {path}. Choose a folder that holds config.json and model.safetensors.', {
              path: '/home/user/models/roman',
            }),
            detail: '',
            action: { label: t('Select Model'), command: 'llmLoupe.selectModel' },
          },
        }),
      );
    },
  },
  'long tokens': generated('long', { settings: { ...settings, topK: 0 } }, (hands) => hands.click('.chips [data-index="0"]')),
  'pieces of characters': generated('long', {}, (hands) => hands.click('.chips [data-index="3"]')),
  'right to left': generated('ar', {}, (hands) => hands.click('.chips [data-index="4"]')),
};
