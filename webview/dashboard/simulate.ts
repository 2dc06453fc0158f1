/**
 * A believable training run for fixtures and tests: a power law with noise, warm-up and cosine, evaluations, samples that
 * get better. Computed and deterministic; never bundled with a panel.
 */
import type { TrainEvent } from '../../src/core/train/events';
import { learningRateAt } from '../../src/core/train/schedule';

export interface Simulation {
  readonly steps: number;
  /** Only the events up to this step; all when left out. */
  readonly until?: number;
  readonly seed?: number;
  readonly language?: 'en' | 'fr' | 'ar';
  readonly evalEvery?: number;
  readonly sampleEvery?: number;
  readonly checkpointEvery?: number;
  /** Validation turns upwards from this step: learning by heart. */
  readonly overfitFrom?: number;
  readonly from?: string | null;
}

const VOCABULARY = 4096;
const BYTES_PER_TOKEN = 3.42;
const toBits = 1 / (Math.LN2 * BYTES_PER_TOKEN);
/** The 4,096 tokens that every evaluation looks at are so many bytes. */
const HELD_BYTES = 14_008;
const heldToBits = 4096 / (Math.LN2 * HELD_BYTES);

export function simulate(options: Simulation): TrainEvent[] {
  const { steps, seed = 7, language = 'en', overfitFrom = Number.POSITIVE_INFINITY, from = null } = options;
  const until = options.until ?? steps;
  const every = (given: number | undefined, share: number) => given ?? Math.max(1, Math.round(steps * share));
  const evalEvery = every(options.evalEvery, 0.05);
  const sampleEvery = every(options.sampleEvery, 0.1);
  const checkpointEvery = every(options.checkpointEvery, 0.2);
  const warmup = Math.round(steps * 0.05);
  const random = mulberry32(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const uniformNats = Math.log(VOCABULARY);
  const unigramNats = 6.21;
  const events: TrainEvent[] = [
    {
      type: 'manifest',
      files: 412,
      bytes: 25_310_442,
      documents: 412,
      leftOut: [
        { reason: 'ignored', files: 2_184, bytes: 48_200_113 },
        { reason: 'binary', files: 37, bytes: 6_310_220 },
        { reason: 'duplicate', files: 9, bytes: 88_120 },
        { reason: 'secret', files: 2, bytes: 1_204 },
      ],
      digest: '6f1f0c2d9b7a4e53',
    },
    { type: 'tokenizer', vocabSize: VOCABULARY, bytesPerToken: BYTES_PER_TOKEN },
    {
      type: 'start',
      parameters: 1_328_256,
      tokensPerStep: 768,
      steps,
      warmup,
      backend: 'wasm',
      threads: 1,
      memoryBytes: 412_000_000,
      trainTokens: 6_660_642,
      validationTokens: 740_071,
      from,
      seed: 1,
    },
    {
      type: 'baselines',
      uniform: uniformNats * toBits,
      unigram: unigramNats * toBits,
      bytes1: 3.12,
      bytes2: 2.46,
      bytes3: 1.98,
      bytes5: 1.55,
      trigram: 1.98,
      fivegram: 1.55,
      uniformNats,
      unigramNats,
    },
  ];
  const secondsPerStep = 0.46;
  const scale = steps / 40;
  const head = from ? 4.1 : uniformNats;
  const expected = (step: number) => 3.05 + (head - 3.05) * (1 + step / scale) ** -0.82;
  const held = (step: number) => expected(step) * 1.012 + 0.02 + Math.max(0, step - overfitFrom) * (0.9 / steps);
  const texts = samples[language];
  const sample = (step: number) => {
    const rank = Math.min(texts.stages.length - 1, Math.floor((step / steps) ** 0.6 * texts.stages.length));
    events.push({ type: 'sample', step, prompt: texts.prompt, text: texts.stages[rank]!, truth: texts.truth });
  };
  sample(0);
  for (let step = 1; step <= until; step++) {
    const learningRate = learningRateAt(step, { steps, warmup, learningRate: 1e-3, minLearningRate: 1e-4 });
    const trained = expected(step) - Math.max(0, step - overfitFrom) * (0.6 / steps);
    events.push({
      type: 'step',
      step,
      loss: trained + normal() * 0.11,
      learningRate,
      gradNorm: (0.42 + 2.4 * Math.exp(-step / scale)) * Math.exp(normal() * 0.16),
      tokensPerSecond: 1_690 + normal() * 22 - (step % evalEvery < 2 ? 190 : 0),
      elapsedSeconds: step * secondsPerStep,
      remainingSeconds: (steps - step) * secondsPerStep,
    });
    if (step % evalEvery === 0 || step === steps) {
      const valLoss = held(step) + normal() * 0.012;
      events.push({ type: 'eval', step, loss: trained, valLoss, bitsPerByte: valLoss * heldToBits });
    }
    if (step % sampleEvery === 0) sample(step);
    if (step % checkpointEvery === 0) events.push({ type: 'checkpoint', step, path: `checkpoints/${step}` });
  }
  if (until === steps) {
    const valLoss = held(steps);
    events.push({
      type: 'done',
      steps,
      loss: expected(steps),
      valLoss,
      bitsPerByte: valLoss * heldToBits,
      path: `checkpoints/${steps}`,
      stopped: false,
    });
  }
  return events;
}

/** Small, seeded and good enough for noise: Tommy Ettinger's mulberry32. */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 15), z | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What a small model writes as it learns: bytes, common tokens, words, phrases. */
const samples = {
  en: {
    prompt: 'It was late in the evening when',
    truth: ' the coach stopped before the inn, and a lady in black stepped down without a word. The landlord held his lantern higher.',
    stages: [
      'ĉ tionK8ould Hwr;ithough~ hav]er 2pes ingV “Q lly#z mo',
      ' the the, and of . the, to , and the the of I and, the. , of a the',
      ' he was of the and the to, and that she a with the in the. He of the',
      ' the was a little of the house, and he had been to the door of the man. “I do not a',
      ' he had come to the house of the gentleman, and the door was open. “I do not know,” said the',
      ' he came down to the door, and saw that the light was still burning in the window. “You are late,” said',
      ' the carriage came to the gate, and the old man stood in the doorway with a candle in his hand. “You are late, sir,” he said.',
    ],
  },
  fr: {
    prompt: 'Il était tard dans la soirée quand',
    truth: ' la voiture s’arrêta devant l’auberge, et une dame en noir en descendit sans un mot. L’aubergiste leva plus haut sa lanterne.',
    stages: [
      'ĉqu’K8ion Hwr;emment~ avai]er 2ps antV « Q lle#z mo',
      ' de la, et le . de, la , et de le la que et, de. , les à la de',
      ' il était de la et le à, et que la une dans le. Il de la les',
      ' le était un peu de la maison, et il avait été à la porte de l’homme. — Je ne',
      ' il était venu à la maison du comte, et la porte était ouverte. — Je ne sais pas, dit le',
      ' il descendit à la porte, et vit que la lumière brûlait encore à la fenêtre. — Vous êtes en retard, dit',
      ' la voiture arriva devant la grille, et le vieillard parut sur le seuil, une chandelle à la main. — Vous êtes en retard, monsieur, dit-il.',
    ],
  },
  ar: {
    prompt: 'كان الوقت متأخرا حين',
    truth: ' توقفت العربة أمام النزل، ونزلت منها سيدة في ثوب أسود دون أن تنطق بكلمة.',
    stages: [
      'ĉ لK8و ها;ن~ ك]ر 2',
      ' في من ، و . من، في ، و من في ال و، من.',
      ' كان في البيت و الرجل إلى الباب. قال من',
      ' وصل الرجل إلى البيت، وكان الباب مفتوحا. قال: لا أعرف',
      ' وصلت العربة إلى الباب، ووقف الشيخ وفي يده شمعة. قال: تأخرت يا سيدي.',
    ],
  },
} as const;
