/**
 * One training run from its first or its last checkpoint to its end: the loop of the core, with the folder it writes into.
 * Every event is in the history before it is reported; a checkpoint is on the disk before the loop goes on.
 */
import { join } from 'node:path';
import type { OpenBackend } from '../../backend/open';
import { LoupeError } from '../../core/errors';
import { checkpointFiles, type TrainerState } from '../../core/formats/checkpoint';
import { modelFiles } from '../../core/formats/huggingFace';
import type { Parameters } from '../../core/model/parameters';
import type { Tokenizer } from '../../core/tokenizer/types';
import type { ByteBaselines } from '../../core/train/byteCounters';
import type { TrainControl } from '../../core/train/control';
import { curveDigest, curveStep } from '../../core/train/curveDigest';
import type { TrainEvent } from '../../core/train/events';
import { type Snapshot, type TrainState, trainLoop } from '../../core/train/loop';
import type { TrainResult } from '../../protocol/engine';
import type { Disk } from '../files';
import { appendFrame, attentionFrame } from '../runs/attentionFilm';
import { curveAtStep } from '../runs/curve';
import { knownCounters } from '../runs/events';
import { type RunRecord, runFile, writeCheckpoint } from '../runs/folder';
import { retire } from '../runs/kept';
import type { Lock } from '../runs/lock';
import type { TokenizerFiles } from '../tokenizers';
import { LiveWeights } from './live';
import { computedBy } from './platform';
import { bytesOfTokens, tokenPath } from './prepare';
import { drawSample, promptIds, samplePlace } from './samples';
import { TokenFile } from './tokenFile';

export interface Session {
  readonly disk: Disk;
  readonly path: string;
  readonly run: string;
  readonly record: RunRecord;
  readonly digests: Readonly<Record<string, string>>;
  readonly params: Parameters;
  readonly tokenizer: Tokenizer;
  readonly tokenizerFiles: TokenizerFiles;
  readonly backend: OpenBackend;
  readonly minutes: number | null;
  /** Where to go on; absent from the first step. */
  readonly resume?: { readonly state: TrainState; readonly moments: ReadonlyMap<string, { readonly data: Float32Array }> };
  readonly lock: Lock;
  readonly control: TrainControl;
  /** What counted bytes predict, from whoever counts meanwhile. */
  readonly counters: Promise<ByteBaselines>;
  readonly signal: AbortSignal;
  /** Writes into the history and reports; `flush` brings the history to the disk. */
  readonly emit: (event: TrainEvent) => Promise<void>;
  readonly flush: () => Promise<void>;
  /** Reports only: what the history holds already. */
  readonly report: (event: TrainEvent) => void;
}

export async function runSession(session: Session): Promise<TrainResult> {
  const { path, record, params, tokenizer, backend, control, signal, emit, report, resume } = session;
  const { bytesPerId } = record.tokens;
  const train = TokenFile.open(tokenPath(path, 'train'), bytesPerId);
  const validation = TokenFile.open(tokenPath(path, 'validation'), bytesPerId);
  const live = new LiveWeights(path, session.tokenizerFiles);
  try {
    const place = await samplePlace(validation, tokenizer);
    const { seed } = record.settings;
    const film = async (step: number) => {
      if (place) await appendFrame(path, await attentionFrame(params, promptIds(params, tokenizer, place), step));
    };
    // Said once in the history, however often the run is resumed.
    const known = resume ? await knownCounters(path) : null;
    let curve = resume ? await curveAtStep(path, record, resume.state.step) : null;
    const loop = trainLoop({
      params,
      settings: resume?.state.settings ?? record.settings,
      train,
      validation: validation.length > 1 ? validation : null,
      ...bytesOfTokens(tokenizer),
      counters: known ? Promise.resolve(known) : session.counters,
      origin: { backend: backend.description, threads: backend.threads, from: record.from },
      ...(resume ? { resume: resume.state, resumeMoments: resume.moments } : {}),
      minutes: session.minutes,
      ...(place ? { sample: () => drawSample(params, tokenizer, place, seed) } : {}),
      control,
      signal,
      now: () => performance.now(),
    });
    for await (const event of loop) {
      switch (event.type) {
        case 'checkpointDue':
          await save(session, event.snapshot);
          break;
        case 'finished': {
          await writeModel(session);
          const { type: _, ...result } = event;
          await emit({ type: 'done', ...result, path, ...(curve ? { digest: curveDigest(curve) } : {}) });
          return { run: session.run, path, state: event.stopped ? 'stopped' : 'finished' };
        }
        case 'start': {
          const { settings, ...said } = event;
          await live.write(params);
          if (resume) {
            report(said);
            await emit({ type: 'resumed', step: resume.state.step });
          } else {
            const fixed = { ...record, settings };
            if (settings !== record.settings) await session.disk.write(join(path, runFile), JSON.stringify(fixed));
            curve = await curveAtStep(path, fixed, 0);
            await emit(said);
            await film(0);
          }
          break;
        }
        case 'step':
          curve = curve && curveStep(curve, event.loss);
          await emit(event);
          break;
        case 'eval':
          // Before it is said: who hears of it looks at these weights.
          await live.write(params);
          await film(event.step);
          await emit(event);
          break;
        case 'baselines':
          if (known) report(event);
          else await emit(event);
          break;
        case 'warning':
          if (resume) report(event);
          else await emit(event);
          break;
        default:
          await emit(event);
      }
    }
    throw new LoupeError('internal', { detail: 'the training loop ended without a result' });
  } finally {
    train.close();
    validation.close();
    await live.remove();
  }
}

async function save({ disk, path, record, digests, params, tokenizerFiles, backend, lock, emit, flush }: Session, snapshot: Snapshot) {
  // Somebody may have taken over while this computer slept: their checkpoints are not overwritten.
  await lock.check();
  const { step, state: training, moments } = snapshot;
  const state: TrainerState = { training, config: params.config, from: record.from, computedBy: computedBy(backend), digests };
  const files = await checkpointFiles({ params, optimizer: moments, state, tokenizer: tokenizerFiles });
  // The history up to this step must outlive what resumes from it.
  await flush();
  const { best } = training;
  const folder = await writeCheckpoint(disk, path, files, { step, best: best && { ...best } }, record.settings.keep, retire);
  await emit({ type: 'checkpoint', step, path: folder });
}

/** The final model at the top of the folder; the weights last, for they say that it is there. */
async function writeModel({ disk, path, params }: Session): Promise<void> {
  const files = await modelFiles(params);
  for (const [name, bytes] of files) if (name !== 'model.safetensors') await disk.write(join(path, name), bytes);
  await disk.write(join(path, 'model.safetensors'), files.get('model.safetensors')!);
}
