import { basename, resolve } from 'node:path';
import type { CorpusRequest } from '../../core/corpus/types';
import { LoupeError } from '../../core/errors';
import type { ModelConfig, PresetName } from '../../core/model/config';
import type { TrainEvent, TrainSettings } from '../../core/train/events';
import type { TrainRequest, TrainResult } from '../../protocol/engine';
import { defaultMaxFileBytes } from '../../protocol/limits';
import { type Context, command } from '../command';
import { exitCodes, Interrupted, UsageError } from '../errors';
import { choice, integer, type OptionValues, real, text, texts, toggle } from '../options';
import { modelRef } from '../references';
import { TrainLog } from '../trainLog';

const presets = ['nano', 'micro', 'mini', 'small'] as const satisfies readonly PresetName[];

const shape = {
  nLayers: integer('--layers', { min: 1, max: 1000, help: 'layers' }),
  nHeads: integer('--heads', { min: 1, max: 1000, help: 'attention heads' }),
  nKvHeads: integer('--kv-heads', { min: 1, max: 1000, help: 'key-value heads; --heads is a multiple of it' }),
  dModel: integer('--d-model', { min: 2, max: 65_536, help: 'width of the residual stream' }),
  dFf: integer('--d-ff', { min: 1, max: 1_048_576, help: 'width of the feed-forward' }),
  contextLength: integer('--context', { min: 2, max: 1_048_576, help: 'longest sequence, in tokens' }),
  vocabSize: integer('--vocab-size', { min: 260, max: 1_000_000, help: 'entries of the tokenizer that is learnt' }),
};

const settings = {
  batch: integer('--batch', { min: 1, max: 65_536, help: 'sequences a step' }),
  accumulate: integer('--accumulate', { min: 1, max: 65_536, help: 'batches whose gradients are added up before a step' }),
  steps: integer('--steps', { min: 1, help: 'steps of the optimiser' }),
  learningRate: real('--learning-rate', { above: 0, max: 1, help: 'at its highest' }),
  minLearningRate: real('--min-learning-rate', { max: 1, help: 'at the end' }),
  warmup: integer('--warmup', { help: 'steps to the highest learning rate' }),
  weightDecay: real('--weight-decay', { help: 'decoupled; none on norms and embeddings' }),
  beta1: real('--beta1', { below: 1, help: 'AdamW' }),
  beta2: real('--beta2', { below: 1, help: 'AdamW' }),
  gradClip: real('--grad-clip', { above: 0, help: 'longest gradient (global norm)' }),
  dropout: real('--dropout', { below: 1, help: 'share of activations that is dropped' }),
  evalEvery: integer('--eval-every', { min: 1, help: 'steps between evaluations' }),
  sampleEvery: integer('--sample-every', { min: 1, help: 'steps between samples of text' }),
  checkpointEvery: integer('--checkpoint-every', { min: 1, help: 'steps between checkpoints' }),
  keep: integer('--keep', { min: 1, max: 100_000, help: 'recent checkpoints to keep, besides the best' }),
};

const own = {
  out: text('--out', { value: 'DIR', help: 'folder of the run' }),
  from: text('--from', { value: 'REF', help: 'continue this model with its tokenizer, instead of from nothing' }),
  preset: choice('--preset', presets, { help: 'size of the model and length of the training (default: micro)' }),
  minutes: real('--minutes', {
    above: 0,
    help: 'as many steps as fit: the speed is measured once, then steps and warm-up stay fixed',
  }),
  resume: toggle('--resume', 'go on from the last checkpoint of --out, bit for bit as if never interrupted'),
  include: texts('--include', { value: 'GLOB', help: 'only files that match; may be given more than once' }),
  exclude: texts('--exclude', { value: 'GLOB', help: 'no files that match; may be given more than once' }),
  holdOut: texts('--hold-out', { value: 'PATH', help: 'never trained on; may be given more than once' }),
  validation: real('--validation', { max: 0.5, help: 'share of the documents that is held out (default: 0.1)' }),
  maxFileSize: integer('--max-file-size', { min: 1, help: `larger files are left out, in bytes (default: ${defaultMaxFileBytes})` }),
};

const options = { ...own, ...shape, ...settings };
type Train = Context<typeof options>;

export const train = command({
  name: 'train',
  usage: 'PATH... --out DIR',
  summary: 'trains a model on files: corpus, tokenizer, model, checkpoints',
  example: 'llm-loupe train novels/ --out run --preset nano',
  arguments: [0, Number.POSITIVE_INFINITY],
  options,
  async run(context) {
    const { out, engine, given, onInterrupt } = context;
    check(context);
    const folder = resolve(context.options.out!);
    const log = new TrainLog(out, folder, context.options.resume ? null : (context.options.minutes ?? null));
    const { train } = engine();
    let asking: NodeJS.Timeout | undefined;
    onInterrupt(() => {
      if (asking) process.exit(exitCodes.interrupted);
      out.log(`${log.started ? 'Finishing the step and saving' : 'Stopping'}; Ctrl-C again exits at once.`);
      // Asked until it ends: the realm may only be starting, and nothing is there to stop yet.
      const ask = () => train.stop({}).catch(() => undefined);
      asking = setInterval(ask, 200);
      void ask();
    });
    const call = { onProgress: (event: TrainEvent) => log.event(event) };
    let result: TrainResult;
    try {
      if (context.options.resume) {
        const ignored = given.filter((flag) => flags(shape, settings, own).includes(flag) && flag !== '--out' && flag !== '--resume');
        if (ignored.length > 0) out.log(`The run keeps the settings it was started with; not used: ${ignored.join(' ')}`);
        result = await train.resume({ run: folder }, call);
      } else result = await train.start(request(context, folder), call);
    } catch (error) {
      if (!(error instanceof LoupeError)) throw error;
      if (asking && error.code === 'cancelled')
        throw new Interrupted('interrupted before the first step: nothing was trained, start again when you like');
      if (error.code === 'training.badSettings')
        throw new UsageError(`${flagOf(error.args.setting)} cannot be ${error.args.value}: ${error.args.detail}`);
      throw error;
    } finally {
      clearInterval(asking);
      out.end();
      await log.written();
    }
    if (asking && result.state === 'stopped')
      throw new Interrupted(`interrupted and saved at step ${log.step}; go on with: llm-loupe train --out ${quoted(folder)} --resume`);
  },
});

/** What cannot be meant together. @throws UsageError */
function check({ options, positionals, given }: Pick<Train, 'options' | 'positionals' | 'given'>): void {
  const shaped = flags(shape).filter((flag) => given.includes(flag));
  if (options.out === undefined) throw new UsageError('--out is needed');
  if (options.resume) return;
  if (positionals.length === 0) throw new UsageError('train needs files or folders to learn from, or --resume');
  if (options.preset && shaped.length > 0) throw new UsageError(`--preset fixes the shape: leave out ${shaped.join(' ')}, or --preset`);
  if (options.from && (options.preset || shaped.length > 0)) {
    throw new UsageError(`--from keeps the shape of its model: leave out ${options.preset ? '--preset' : shaped.join(' ')}, or --from`);
  }
  if (options.from && given.includes('--tokenizer')) throw new UsageError('--from keeps the tokenizer of its model: leave out --tokenizer');
  if (given.includes('--model')) throw new UsageError('a model to continue is given as --from, not as --model');
  if (given.includes('--tokenizer') && options.vocabSize !== undefined) {
    throw new UsageError('--vocab-size is for a tokenizer that is learnt: leave out --vocab-size, or --tokenizer');
  }
}

function request({ options, positionals, tokenizer }: Train, folder: string): TrainRequest {
  const config = pick<ModelConfig>(options, shape);
  const shaped = Object.keys(config).length > 0;
  // What is held out may lie outside of what is trained on.
  const paths = [...positionals, ...(options.holdOut ?? [])].map((path) => resolve(path));
  const seed = options.seed ?? 1;
  const corpus: CorpusRequest = {
    roots: paths.map((path) => ({ path, name: basename(path) })),
    include: options.include ?? [],
    exclude: options.exclude ?? [],
    maxFileBytes: options.maxFileSize ?? defaultMaxFileBytes,
    unsaved: {},
    unticked: [],
    holdOut: (options.holdOut ?? []).map((path) => resolve(path)),
    seed,
    validationShare: options.validation ?? 0.1,
  };
  return {
    corpus,
    run: folder,
    name: basename(folder),
    from: options.from === undefined ? null : modelRef(options.from),
    tokenizer: options.tokenizer === undefined || options.from !== undefined ? null : tokenizer,
    preset: options.from || shaped ? null : (options.preset ?? 'micro'),
    config,
    settings: { ...pick<TrainSettings>(options, settings), ...(options.seed !== undefined && { seed: options.seed }) },
    minutes: options.minutes ?? null,
  };
}

function pick<T>(values: OptionValues<typeof options>, table: object): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([key]) => key in table)) as Partial<T>;
}

function flags(...tables: Readonly<Record<string, { readonly flag: string }>>[]): string[] {
  return tables.flatMap((table) => Object.values(table).map(({ flag }) => flag));
}

/** The option of a setting that the engine names. */
function flagOf(setting: string | number | undefined): string {
  if (setting === 'headDim') return '--d-model / --heads';
  return Object.entries(options).find(([key]) => key === setting)?.[1].flag ?? String(setting);
}

/** As a shell takes it. */
function quoted(path: string): string {
  return /^[\w./:@%+=-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
