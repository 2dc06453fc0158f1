/** The train realm: starts, resumes, pauses and stops; one run at a time. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, rm, rmdir } from 'node:fs/promises';
import { basename, isAbsolute, join } from 'node:path';
import { fillTemplate, LoupeError } from '../../core/errors';
import { differences } from '../../core/formats/checkpoint';
import { modelFileNames } from '../../core/formats/huggingFace';
import { loadStored } from '../../core/formats/storedModel';
import { disposeParameters, initialise, type Parameters } from '../../core/model/parameters';
import type { Tokenizer } from '../../core/tokenizer/types';
import type { ByteBaselines } from '../../core/train/byteCounters';
import { TrainControl } from '../../core/train/control';
import type { TrainEvent } from '../../core/train/events';
import type { RealmConfig, TrainApi, TrainRequest, TrainResult } from '../../protocol/engine';
import type { CallContext, Service } from '../../protocol/rpc';
import { backendOf } from '../backend';
import { type Disk, exists, fileError, makeFolder, disk as realDisk } from '../files';
import { readStored } from '../models';
import { locateModel } from '../references';
import { EventLog } from '../runs/events';
import { checkpointPath, checkpoints, corpusFile, lockPath, type RunRecord, readRun, runFile, runPath, tidy } from '../runs/folder';
import { takeLock } from '../runs/lock';
import { parseTokenizerFiles, readTokenizerFiles, type TokenizerFiles, tokenizerFileNames } from '../tokenizers';
import { changed, digestOf, goodCheckpoint } from './goodCheckpoint';
import { makeOffers } from './offers';
import { checkMemory, type Plan, planContinue, planNew, presetOf } from './plan';
import { computedBy } from './platform';
import { learnTokenizer, type PrepareContext, prepareCorpus, tokenPath, writeTokens } from './prepare';
import { runSession, type Session } from './session';

type Context = CallContext<TrainEvent>;

interface Current {
  readonly run: string;
  readonly control: TrainControl;
  step: number;
  steps: number;
  /** Resolves `counters`. */
  counted: (counters: ByteBaselines) => void;
}

/** What a run has open from its start to its end, however it ends. */
interface Opened {
  readonly path: string;
  readonly emit: Session['emit'];
  readonly flush: Session['flush'];
  readonly report: Session['report'];
  readonly lock: Session['lock'];
  readonly control: TrainControl;
  readonly counters: Promise<ByteBaselines>;
  readonly signal: AbortSignal;
}

export function trainService(config: RealmConfig, disk: Disk = realDisk): Service<TrainApi> {
  let current: Current | null = null;
  const open = backendOf(config);

  /** Holds the lock and the history around `work`; an error is written into the history before it is thrown. */
  async function within(run: string, { signal, progress }: Context, work: (opened: Opened) => Promise<TrainResult>): Promise<TrainResult> {
    if (current) throw new LoupeError('training.busy', { pid: process.pid });
    const path = runPath(config.runs, run);
    let counted: Current['counted'] = () => undefined;
    const counters = new Promise<ByteBaselines>((resolve) => (counted = resolve));
    const me: Current = { run, control: new TrainControl(), step: 0, steps: 0, counted };
    current = me;
    try {
      await makeFolder(path);
      const lock = await takeLock(lockPath(config.runs, run), run);
      try {
        await tidy(path);
        if (config.runs !== null && !isAbsolute(run)) await removeUnstarted(config.runs, run);
        const log = await EventLog.open(path, disk);
        let prepared = Number.NEGATIVE_INFINITY;
        const report = (event: TrainEvent) => {
          if (event.type === 'preparing') {
            // One for every file of a large workspace would help nobody.
            if (performance.now() - prepared < 100) return;
            prepared = performance.now();
          }
          if ('step' in event) me.step = event.step;
          if (event.type === 'start') me.steps = event.steps;
          progress(event);
        };
        const emit = async (event: TrainEvent) => {
          if (event.type !== 'preparing') await log.append(event);
          report(event);
        };
        try {
          return await work({ path, emit, report, flush: () => log.flush(), lock, control: me.control, counters, signal });
        } catch (error) {
          const cancelled = signal.aborted || (error instanceof LoupeError && error.code === 'cancelled');
          const known = error instanceof LoupeError ? error : new LoupeError('internal', { detail: String(error) });
          // The disk may be what failed: the error itself must still reach the caller.
          if (!cancelled) await emit({ type: 'error', code: known.code, args: { ...known.args } }).catch(() => undefined);
          throw error;
        } finally {
          await log.close();
        }
      } finally {
        await lock.release();
      }
    } finally {
      current = null;
    }
  }

  async function start(request: TrainRequest, opened: Opened): Promise<TrainResult> {
    const { path, emit, control, signal } = opened;
    const prepare: PrepareContext = {
      disk,
      path,
      signal,
      report: emit,
      check() {
        if (control.stopping || signal.aborted) throw new LoupeError('cancelled');
      },
    };
    const using = await open();
    const source = request.from === null ? null : await locateModel(config, request.from);
    const stored = source && (await readStored(source.path));
    // Settings that cannot be are said before an hour of reading.
    let plan: Plan = stored ? planContinue(request, stored.config) : planNew(request);
    checkMemory(plan, using);

    const corpus = await prepareCorpus(request.corpus, prepare);
    const given = request.tokenizer ?? request.from;
    const { tokenizer, files } =
      given === null
        ? await learnTokenizer(corpus, plan.config, 'llama3', prepare)
        : await openTokenizer(await readTokenizerFiles(config, given), given);
    if (!stored) plan = planNew(request, tokenizer.vocabSize);
    else if (tokenizer.vocabSize > stored.config.vocabSize) {
      const detail = `the model has ${stored.config.vocabSize} entries, this tokenizer ${tokenizer.vocabSize}`;
      throw new LoupeError('training.badSettings', { setting: 'tokenizer', value: tokenizer.name, detail });
    }
    checkMemory(plan, using);
    for (const [name, bytes] of files) await disk.write(join(path, name), bytes);
    const { tokens, digest } = await writeTokens(corpus, tokenizer, prepare);

    const params = stored && source ? loadStored(stored, source.path) : initialise(plan.config, plan.settings.seed);
    const digests = { corpus: corpus.summary.digest, tokens: digest, tokenizer: digestOf(files) };
    const record: RunRecord = {
      version: 1,
      name: request.name,
      created: Date.now(),
      preset: request.from === null ? presetOf(request) : 'continue',
      from: request.from,
      config: plan.config,
      settings: plan.settings,
      tokens,
      corpus: corpus.summary,
      computedBy: computedBy(using),
      digests,
    };
    return training(params, async () => {
      await disk.write(join(path, runFile), JSON.stringify(record));
      return runSession({
        ...opened,
        disk,
        run: request.run,
        record,
        digests,
        params,
        tokenizer,
        tokenizerFiles: files,
        backend: using,
        minutes: request.minutes,
      });
    });
  }

  async function resume(run: string, opened: Opened): Promise<TrainResult> {
    const { path, emit } = opened;
    const record = await readRun(path);
    const using = await open();
    const { params, optimizer, state, tokenizer, files, step, damaged } = await goodCheckpoint(path, record.name);
    return training(params, async () => {
      if ((await digestOfTokens(path)) !== state.digests.tokens) throw changed(join(path, 'tokens'));
      for (const { step: lost, error } of damaged) {
        const template = 'The checkpoint of step {lost} cannot be used; training goes on from step {step}. {why}';
        const args = { lost, step, why: error.message };
        await emit({ type: 'warning', message: fillTemplate(template, args), template, args });
      }
      const differs = differences(state.computedBy, computedBy(using));
      if (differs.length > 0) {
        const template = 'Resumed where this differs from before: {what}. The numbers may differ in their last digits.';
        const args = { what: differs.join(', ') };
        await emit({ type: 'warning', message: fillTemplate(template, args), template, args });
      }
      // The final model of an earlier end is no longer the last word.
      await rm(join(path, 'model.safetensors'), { force: true });
      return runSession({
        ...opened,
        disk,
        run,
        record,
        digests: state.digests,
        params,
        tokenizer,
        tokenizerFiles: files,
        backend: using,
        minutes: null,
        resume: { state: state.training, moments: optimizer },
      });
    });
  }

  return {
    offers: (request, { signal, progress }) => makeOffers(config, open, request, signal, progress),
    async start(request, context) {
      const path = runPath(config.runs, request.run);
      if (await exists(join(path, runFile))) throw new LoupeError('training.exists', { path });
      const leftovers = await claim(path, request.tokenizer);
      // What cannot be removed must not hide why the run failed.
      const clean = () => Promise.allSettled(leftovers.map((each) => rm(each, { recursive: true, force: true })));
      try {
        return await within(request.run, context, (opened) => start(request, opened));
      } catch (error) {
        // A run that never began leaves nothing behind; another process that is training there is left alone.
        const busy = error instanceof LoupeError && error.code === 'training.busy';
        if (busy) await rmdir(path).catch(() => undefined);
        else if (!(await exists(join(path, runFile)))) await clean();
        throw error;
      }
    },
    async resume({ run }, context) {
      await readRun(runPath(config.runs, run));
      return within(run, context, (opened) => resume(run, opened));
    },
    pause: () => current?.control.pause(),
    unpause: () => current?.control.unpause(),
    stop: () => current?.control.stop(),
    counted({ run, counters }) {
      if (current?.run === run) current.counted(counters);
    },
    status: () => ({
      run: current?.run ?? null,
      paused: current?.control.paused ?? false,
      step: current?.step ?? 0,
      steps: current?.steps ?? 0,
    }),
  };
}

/**
 * What to take away if the run never begins. Throws `training.notEmpty` where the folder holds somebody else's files under
 * the names that a run writes; a history without a run is what a crash left of one.
 */
async function claim(path: string, tokenizer: string | null): Promise<string[]> {
  if (!(await exists(path))) return [path];
  const written = ['events.jsonl', corpusFile, 'tokens', ...tokenizerFileNames];
  const there = new Set<string>();
  for (const name of [...written, ...modelFileNames, 'latest']) if (await exists(join(path, name))) there.add(name);
  for (const step of await checkpoints(path)) there.add(basename(checkpointPath(path, step)));
  if (there.has('events.jsonl')) return written.map((name) => join(path, name));
  // Training with the tokenizer of this very folder writes the same files again.
  const own = tokenizer === path || tokenizer === join(path, 'tokenizer.json') ? tokenizerFileNames : [];
  const [name] = [...there].filter((each) => !own.includes(each));
  if (name !== undefined) throw new LoupeError('training.notEmpty', { path, name });
  return written.filter((each) => !there.has(each)).map((each) => join(path, each));
}

async function training(params: Parameters, work: () => Promise<TrainResult>): Promise<TrainResult> {
  try {
    return await work();
  } finally {
    disposeParameters(params);
  }
}

async function openTokenizer(files: TokenizerFiles, name: string): Promise<{ tokenizer: Tokenizer; files: TokenizerFiles }> {
  return { tokenizer: await parseTokenizerFiles(files, name), files };
}

/** Folders of runs that a crash ended before their first step. The lock is held: nobody is preparing one now. */
async function removeUnstarted(runs: string, except: string): Promise<void> {
  for (const entry of await readdir(runs, { withFileTypes: true })) {
    if (!entry.isDirectory() || entry.name === except) continue;
    const path = join(runs, entry.name);
    const ours = entry.name.startsWith('.removed-') || (await exists(join(path, 'events.jsonl')));
    if (ours && !(await exists(join(path, runFile)))) await rm(path, { recursive: true, force: true });
  }
}

/** As `writeTokens` computes it. */
async function digestOfTokens(path: string): Promise<string> {
  const digest = createHash('sha256');
  for (const part of ['train', 'validation'] as const) {
    const file = tokenPath(path, part);
    try {
      for await (const bytes of createReadStream(file)) digest.update(bytes as Buffer);
    } catch (error) {
      throw fileError(error, file);
    }
  }
  return digest.digest('hex');
}
