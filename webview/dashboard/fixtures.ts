/** The dashboard in each of its states, for the gallery. Runs are simulated (simulate.ts): deterministic and believable. */
import type { TrainEvent } from '../../src/core/train/events';
import type { Copied, RunInfo } from '../../src/protocol/engine';
import type { Comparison, DashboardHost, DashboardRun, DashboardState, DashboardView } from '../../src/protocol/panels';
import { boot } from '../lib/boot';
import type { FixtureState, Fixtures, Hands } from '../lib/fixture';
import { t } from '../lib/l10n';
import { simulate } from './simulate';
import { simulateHeads } from './simulateHeads';

const language = boot.language.startsWith('fr') ? 'fr' : 'en';

export function dashboardRun(info: Partial<RunInfo> = {}): DashboardRun {
  return {
    info: {
      id: 'run-7',
      name: 'novels-micro',
      note: '',
      path: '/home/user/.llm-loupe/runs/run-7',
      created: 1_750_000_000_000,
      bytes: 31_400_000,
      state: 'running',
      pid: 4242,
      step: 0,
      steps: 1000,
      bitsPerByte: null,
      preset: 'micro',
      from: null,
      checkpoints: [],
      best: null,
      ...info,
    },
    config: {
      vocabSize: 4096,
      dModel: 128,
      nLayers: 4,
      nHeads: 4,
      nKvHeads: 4,
      headDim: 32,
      dFf: 352,
      contextLength: 256,
      ropeTheta: 10_000,
      normEps: 1e-5,
      tieEmbeddings: true,
    },
    settings: {
      seed: 1,
      steps: 1000,
      batch: 3,
      accumulate: 1,
      learningRate: 1e-3,
      minLearningRate: 1e-4,
      warmup: 50,
      weightDecay: 0.1,
      beta1: 0.9,
      beta2: 0.95,
      gradClip: 1,
      dropout: 0,
      evalEvery: 50,
      sampleEvery: 100,
      checkpointEvery: 200,
      keep: 2,
    },
    corpus: null,
    curve: { text: 'c0ffee'.padEnd(64, '5'), tokenizer: '70ce25'.padEnd(64, '3'), everywhere: true },
    mine: true,
    active: false,
  };
}

const others: RunInfo[] = [
  dashboardRun({ step: 400 }).info,
  dashboardRun({ id: 'run-6', name: 'novels-nano', state: 'finished', step: 500, steps: 500, pid: null }).info,
  dashboardRun({ id: 'run-5', name: 'a-name-that-somebody-made-much-too-long-for-a-toolbar', state: 'interrupted', step: 120, pid: null })
    .info,
];

function run(
  events: TrainEvent[],
  info: Partial<RunInfo>,
  change: Partial<DashboardRun> = {},
  all: readonly RunInfo[] = [],
): DashboardState {
  const last = events.findLast((event) => event.type === 'step');
  const step = last?.type === 'step' ? last.step : 0;
  const checkpoints = events.flatMap((event) => (event.type === 'checkpoint' ? [event.step] : []));
  return { kind: 'run', run: { ...dashboardRun({ step, checkpoints, ...info }), ...change }, events, others: all };
}

const done = async () => undefined;

const steps = (until: number, every: number) => Array.from({ length: Math.floor(until / every) }, (_, i) => (i + 1) * every);

/** A host that looks back at a run trained so far: the slider does what it does. */
function lookingBack(until: number, shown: number | null = null): FixtureState<DashboardHost, DashboardView>['host'] {
  let now = shown;
  const kept = () => ({ steps: steps(until, 100), shown: now });
  return {
    kept,
    look: ({ step }) => {
      now = step;
      return kept();
    },
    frames: ({ after }) => simulateHeads([0, ...steps(until, 50)], 4, 4).filter(({ step }) => step > after),
    inspectPrompt: done,
  };
}

/** The same, answered after a while, as where the disk is busy. */
const late: FixtureState<DashboardHost, DashboardView>['host'] = (() => {
  const { kept, frames, ...rest } = lookingBack(640, 300);
  const wait = () => new Promise((resolve) => setTimeout(resolve, 300));
  return {
    ...rest,
    kept: (...asked) => wait().then(() => kept!(...asked)),
    frames: (...asked) => wait().then(() => frames!(...asked)),
  };
})();

/** Other runs: the same text and tokenizer, the same text in other tokens, another text. */
function comparedWith(...which: ('same' | 'tokenizer' | 'text')[]): Comparison {
  const own = { tokenizer: 't1', text: 'x1' };
  const settings = dashboardRun().settings!;
  const config = dashboardRun().config!;
  const runs: Record<(typeof which)[number], Comparison['runs'][number]> = {
    same: {
      run: {
        ...dashboardRun({ id: 'run-6', name: 'novels-nano', state: 'finished', step: 500, steps: 500, preset: 'nano', pid: null }),
        settings: { ...settings, steps: 500, learningRate: 3e-3, minLearningRate: 3e-4 },
        config: { ...config, dModel: 64, nLayers: 3, dFf: 176 },
      },
      events: simulate({ steps: 500, language, seed: 3 }),
      measured: own,
    },
    tokenizer: {
      run: {
        ...dashboardRun({ id: 'run-4', name: 'novels-small-vocabulary', state: 'stopped', step: 800, steps: 1000, pid: null }),
        config: { ...config, vocabSize: 1024 },
      },
      events: simulate({ steps: 1000, until: 800, language, seed: 11, from: 'starter' }),
      measured: { ...own, tokenizer: 't2' },
    },
    text: {
      run: dashboardRun({ id: 'run-5', name: others[2]!.name, state: 'interrupted', step: 620, pid: null }),
      events: simulate({ steps: 1000, until: 620, language, seed: 5, overfitFrom: 300 }),
      measured: { ...own, text: 'x2' },
    },
  };
  return { own, runs: which.map((name) => runs[name]) };
}

/** Another run that has done a hundred steps more whenever it is asked for, and finishes after three hundred. */
function trainingMeanwhile(): () => Comparison {
  let until = 0;
  return () => {
    until += 100;
    const { own, runs } = comparedWith('same');
    const state = until < 300 ? 'running' : 'finished';
    const events = simulate({ steps: 500, until, language, seed: 3 });
    return { own, runs: runs.map((other) => ({ ...other, events, run: { ...other.run, info: { ...other.run.info, state } } })) };
  };
}

/** A part of what is long enough to have learnt something by heart. */
function copiedOf(text: string): Copied {
  if (text.length < 90) return { runs: [], share: 0 };
  const start = text.indexOf(' ', 8) + 1;
  const end = start + 34;
  const source = { id: 'novels/chapitres/la-voiture.txt', path: '/home/user/novels/chapitres/la-voiture.txt', line: 411, character: 3 };
  const bytes = (words: string) => new TextEncoder().encode(words).length;
  return { runs: [{ start, end, source }], share: bytes(text.slice(start, end)) / bytes(text) };
}
const buttons: FixtureState<DashboardHost, DashboardView>['host'] = {
  choose: done,
  pause: done,
  unpause: done,
  stop: done,
  resume: done,
  use: done,
  continue: done,
  describe: done,
  delete: async () => ({ deleted: false }),
  copies: async ({ texts }) => texts.map(copiedOf),
  openCopied: done,
  command: done,
  save: async () => ({ saved: true }),
};

function state(
  make: () => DashboardState,
  more: Omit<FixtureState<DashboardHost, DashboardView>, 'host'> = {},
): FixtureState<DashboardHost, DashboardView> {
  return { host: { ...buttons, ready: make }, ...more };
}

const failed = (title: string, detail: string, label: string, command: string) => ({ title, detail, action: { label, command } });

/** A run that was stopped half-way, continued from its checkpoint, and whose lost steps were trained again. */
function resumedEvents(): TrainEvent[] {
  const before = simulate({ steps: 1000, until: 460, language });
  const whole = simulate({ steps: 1000, until: 620, language });
  const from = whole.findIndex((event) => event.type === 'step' && event.step === 401);
  return [...before, { type: 'resumed', step: 400 }, ...whole.slice(from)];
}

/** What is told of other runs and of the past: the rest of the dashboard stands above it. */
const scrolled = (selector: string) => async (_: unknown, hands: Hands) => {
  (await hands.find(selector)).scrollIntoView({ block: 'start' });
  await hands.pause(100);
};

export const states: Fixtures<DashboardHost, DashboardView> = {
  empty: state(() => ({
    kind: 'empty',
    message: failed(
      t('No training run in this workspace yet.'),
      t('Loupe trains a small language model on the files of this workspace, on this computer, and shows here how it learns.'),
      t('Train on This Workspace'),
      'llmLoupe.train',
    ),
  })),
  preparing: state(() => ({ kind: 'preparing', phase: t('Reading the files of the workspace'), done: 412, total: 1260 })),
  'running early': state(() => run(simulate({ steps: 1000, until: 37, language }), {}, {}, others), { rooms: [[400, 700]] }),
  'running late': state(() => run(simulate({ steps: 1000, until: 640, language }), {}, {}, others), {
    showcase: true,
    rooms: [
      [400, 800],
      [480, 800],
      [600, 800],
    ],
  }),
  locked: state(() => run(simulate({ steps: 1000, until: 640, language }), {}), {
    play: async (_: unknown, hands: Hands) => {
      await hands.point('.loss-chart .u-over', 0.3, 0.5, true);
      await hands.point('.loss-chart .u-over', 0.45, 0.5);
    },
  }),
  'in nats, logarithmic': state(() => run(simulate({ steps: 1000, until: 640, language }), {}), {
    saved: { run: 'run-7', unit: 'nats', logX: true, logY: true, smoothing: 1, locked: null, table: false },
  }),
  'with a note, named otherwise': state(
    () =>
      run(simulate({ steps: 1000, until: 300, language }), {
        name: 'Warm-up twice as long',
        note: 'Compared with novels-micro: the first hundred steps are calmer, and after that there is no difference.\n\nTo try: dropout 0.1.',
        state: 'stopped',
        pid: null,
      }),
    { rooms: [[320, 800]] },
  ),
  'being renamed': state(() => run(simulate({ steps: 1000, language }), { state: 'finished', pid: null }), {
    play: async (_, hands) => hands.click('.about .icon-button'),
  }),
  'digest explained': state(() => run(simulate({ steps: 1000, until: 640, language }), {}), {
    rooms: [[320, 800]],
    play: async (_, hands) => hands.click('.digest summary'),
  }),
  'digest, not exact': {
    ...state(() => {
      const { curve, ...rest } = dashboardRun();
      return run(simulate({ steps: 1000, until: 640, language }), {}, { ...rest, curve: curve && { ...curve, everywhere: false } });
    }),
    play: async (_, hands) => {
      await hands.point('.loss-chart .u-over', 0.3, 0.5, true);
      await hands.click('.digest summary');
    },
  },
  'figures explained': state(() => run(simulate({ steps: 1000, until: 640, language }), {}), {
    rooms: [
      [320, 2600],
      [1100, 1500],
    ],
    play: async (_, hands) => {
      await hands.point('.loss-chart .u-over', 0.3, 0.5, true);
      await hands.click('.stage .worked summary');
      await hands.click('.details .worked summary');
    },
  }),
  paused: state(() => run([...simulate({ steps: 1000, until: 400, language }), { type: 'paused', step: 400 }], { state: 'paused' })),
  finished: state(() => run(simulate({ steps: 1000, language, overfitFrom: 500 }), { state: 'finished', pid: null })),
  'in use': state(() => run(simulate({ steps: 1000, language }), { state: 'finished', pid: null }, { active: true })),
  stopped: state(() => run(simulate({ steps: 1000, until: 300, language }), { state: 'stopped', pid: null })),
  interrupted: state(() => run(simulate({ steps: 1000, until: 300, language }), { state: 'interrupted', pid: null })),
  resumed: state(() => run(resumedEvents(), {})),
  continued: state(() => run(simulate({ steps: 400, until: 260, language, from: 'starter' }), { from: 'starter', steps: 400 })),
  watching: state(() => run(simulate({ steps: 1000, until: 300, language }), {}, { mine: false })),
  'not a number': state(() => {
    const events = simulate({ steps: 1000, until: 212, language });
    const broken: TrainEvent[] = [
      { ...(events.findLast((event) => event.type === 'step') as Extract<TrainEvent, { type: 'step' }>), step: 213, loss: Number.NaN },
      { type: 'error', code: 'training.nan', args: { step: 213, checkpoint: 200 } },
    ];
    return {
      kind: 'error',
      message: failed(
        t(
          'The loss is no longer a number at step {step}. The last good checkpoint (step {checkpoint}) is kept; try a lower learning rate.',
          {
            step: 213,
            checkpoint: 200,
          },
        ),
        '',
        t('Train on This Workspace'),
        'llmLoupe.train',
      ),
      run: dashboardRun({ state: 'failed', step: 213, pid: null, checkpoints: [200] }),
      events: [...events, ...broken],
    };
  }),
  'disk full': state(() => ({
    kind: 'error',
    message: failed(
      t('The disk that holds {path} is full. Free some space, then try again or resume: what was saved before is safe.', {
        path: '/home/user/.llm-loupe/runs',
      }),
      '',
      t('Delete Runs'),
      'llmLoupe.deleteRuns',
    ),
    run: dashboardRun({ state: 'failed', step: 640, pid: null, checkpoints: [400, 600] }),
    events: [
      ...simulate({ steps: 1000, until: 640, language }),
      { type: 'warning', message: 'The checkpoint of step 640 could not be written.' },
      { type: 'error', code: 'file.diskFull', args: { path: '/home/user/.llm-loupe/runs' } },
    ],
  })),
  'error without a run': state(() => ({
    kind: 'error',
    message: failed(
      t('Too little text to train on: {bytes} bytes after filtering, at least {minimum} are needed. Add files or change the filters.', {
        bytes: 812,
        minimum: 10_000,
      }),
      '',
      t('Open Settings'),
      'llmLoupe.openSettings',
    ),
    run: null,
    events: [],
  })),
  'long history': state(() =>
    run(simulate({ steps: 50_000, until: 31_400, evalEvery: 250, sampleEvery: 500, language }), { steps: 50_000 }),
  ),
  'learning by heart': state(() => run(simulate({ steps: 1000, until: 800, language, overfitFrom: 400 }), {})),
  'training text unknown': {
    host: {
      ...buttons,
      copies: async () => null,
      ready: () => run(simulate({ steps: 1000, until: 640, language }), { state: 'interrupted', pid: null }),
    },
  },
  'before the counters': state(() =>
    run(
      simulate({ steps: 1000, until: 640, language }).map((event) => {
        if (event.type !== 'baselines') return event;
        const { bytes1, bytes2, bytes3, bytes5, ...older } = event;
        return older;
      }),
      {},
    ),
  ),
  streaming: state(() => run(simulate({ steps: 1000, until: 100, language }), {}), {
    play: async (view, hands) => {
      const events = simulate({ steps: 1000, until: 320, language });
      const from = events.findIndex((event) => event.type === 'step' && event.step === 101);
      for (let at = from; at < events.length; at += 12) {
        await view.events({ run: 'run-7', events: events.slice(at, at + 12) });
        await hands.pause(10);
      }
      await hands.pause(200);
    },
  }),
  table: state(() => run(simulate({ steps: 1000, until: 640, language }), {}), {
    saved: { run: 'run-7', unit: 'bitsPerByte', logX: false, logY: false, smoothing: 0, locked: null, table: true },
  }),
  compared: {
    host: {
      ...buttons,
      ...lookingBack(640),
      comparison: () => comparedWith('same', 'tokenizer', 'text'),
      ready: () => run(simulate({ steps: 1000, until: 640, language }), {}, {}, others),
    },
    rooms: [
      [320, 1400],
      [1000, 1300],
    ],
  },
  'compared with one that trains': {
    host: {
      ...buttons,
      comparison: trainingMeanwhile(),
      ready: () => run(simulate({ steps: 1000, until: 640, language }), {}),
    },
    play: scrolled('.compared'),
  },
  'compared by tokens, in nats': {
    host: {
      ...buttons,
      comparison: () => comparedWith('same', 'tokenizer'),
      ready: () => run(simulate({ steps: 1000, until: 640, language }), {}),
    },
    saved: { run: 'run-7', unit: 'nats', logX: false, logY: false, smoothing: 0, locked: 300, align: 'tokens', table: false },
    play: scrolled('.compared'),
  },
  'compared by time': {
    host: {
      ...buttons,
      comparison: () => comparedWith('same'),
      ready: () => run(simulate({ steps: 1000, until: 640, language }), {}),
    },
    saved: { run: 'run-7', unit: 'bitsPerByte', logX: false, logY: false, smoothing: 0, locked: null, align: 'time', table: false },
  },
  'looking back': {
    host: {
      ...buttons,
      ...lookingBack(640, 300),
      ready: () => run(simulate({ steps: 1000, until: 640, language }), {}, { active: true }),
    },
    rooms: [
      [320, 1800],
      [800, 1400],
    ],
    play: scrolled('.checkpoints'),
  },
  // What the run did last is drawn soon; its end, which comes before that, makes the panel anew.
  'ending while it is drawn': {
    host: {
      ...buttons,
      ...late,
      ready: () => run(simulate({ steps: 1000, until: 620, language }), {}, { active: true }),
    },
    play: async (view, hands) => {
      await hands.pause(400);
      const events = simulate({ steps: 1000, until: 640, language });
      const last = events.findLastIndex((event) => event.type === 'eval');
      await view.events({ run: 'run-7', events: events.slice(last - 20, last) });
      await hands.pause(40);
      const saved: TrainEvent = { type: 'checkpoint', step: 640, path: 'checkpoint-640' };
      void view.events({ run: 'run-7', events: [...events.slice(last), saved] });
      await view.show(run([...events, saved], { state: 'stopped', pid: null }, { active: true }));
      await hands.pause(600);
      await scrolled('.checkpoints')(view, hands);
    },
  },
  'heads of many layers': {
    host: {
      ...buttons,
      ...lookingBack(1000),
      frames: ({ after }) => simulateHeads([0, ...steps(1000, 50)], 8, 10).filter(({ step }) => step > after),
      ready: () => run(simulate({ steps: 1000, language }), { state: 'finished', pid: null }),
    },
    play: async (_, hands) => {
      await scrolled('.head-film')(_, hands);
      (await hands.find('.heads-canvas')).focus();
      await hands.key('ArrowLeft');
      await hands.key('ArrowDown');
    },
  },
  'heads not recorded': {
    host: {
      ...buttons,
      ...lookingBack(1000),
      frames: () => [],
      computeFrames: async (_, { progress }) => {
        progress({ done: 3, total: 11 });
        return new Promise(() => undefined);
      },
      ready: () => run(simulate({ steps: 1000, language }), { state: 'finished', pid: null }),
    },
    play: async (_, hands) => {
      await scrolled('.head-film')(_, hands);
      await hands.click('.heads-offer button');
    },
  },
  'heads as table': {
    host: {
      ...buttons,
      ...lookingBack(640),
      ready: () => run(simulate({ steps: 1000, until: 640, language }), {}),
    },
    saved: { run: 'run-7', unit: 'bitsPerByte', logX: false, logY: false, smoothing: 0, locked: null, align: 'step', table: true },
    play: scrolled('.head-film'),
  },
  'long text': state(() => {
    const events = simulate({ steps: 1000, until: 640, language });
    const long = 'anticonstitutionnellement'.repeat(12);
    return run(
      events.map((event) =>
        event.type === 'sample'
          ? { ...event, text: ` ${long} ${event.text.repeat(6)}\n\n${event.text}`, truth: event.truth.repeat(8) }
          : event,
      ),
      { name: others[2]!.name },
      {},
    );
  }),
  'right to left': state(() => run(simulate({ steps: 1000, until: 640, language: 'ar' }), {})),
};
