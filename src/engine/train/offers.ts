/**
 * What each way to train would cost, before it begins. Times come from a probe of the real work on this machine: at most
 * two seconds for all offers together, so that large models are judged by the speed of smaller ones.
 */
import type { OpenBackend } from '../../backend/open';
import { memoryToTrain, parameterCount, trainingFlopsPerToken } from '../../core/model/account';
import { evaluationWindows } from '../../core/train/batches';
import { probeSpeed } from '../../core/train/probe';
import type { PresetOffer, RealmConfig, TrainApi } from '../../protocol/engine';
import { readStored } from '../models';
import { breathe } from '../realm';
import { locateModel } from '../references';
import { type Plan, planContinue, planNew } from './plan';

type Api = TrainApi['offers'];

const probeMs = 2_000;
/** Bytes of text that are walked, learnt from and encoded in a second, about. */
const preparedPerSecond = 3e6;

export async function makeOffers(
  places: Pick<RealmConfig, 'starter' | 'runs'>,
  open: () => Promise<OpenBackend>,
  { from, presets, bytes }: Api['params'],
  signal: AbortSignal,
  progress: (offer: PresetOffer) => void,
): Promise<PresetOffer[]> {
  const wish = { preset: null, config: {}, settings: {} };
  const offers: PresetOffer[] = [];
  if (from !== null) {
    const { config } = await readStored((await locateModel(places, from)).path);
    offers.push(offerOf('continue', planContinue(wish, config)));
  }
  for (const preset of presets) offers.push(offerOf(preset, planNew({ ...wish, preset })));
  for (const offer of offers) progress(offer);

  await open();
  const deadline = performance.now() + probeMs;
  /** Floating point operations a second, of the largest model probed so far. */
  let speed = 0;
  const probed = new Map<PresetOffer, PresetOffer>();
  for (const offer of [...offers].sort((a, b) => a.flopsPerToken - b.flopsPerToken)) {
    signal.throwIfAborted();
    const { config, settings, flopsPerToken } = offer;
    const left = deadline - performance.now();
    // One sequence, twice: the first pass also pays for compiling.
    const expected = speed === 0 ? 0 : (2000 * flopsPerToken * config.contextLength) / speed;
    if (expected < left) {
      const { tokensPerSecond } = await probeSpeed({
        config,
        settings,
        now: () => performance.now(),
        seconds: Math.min(left, probeMs / 3) / 1000,
        pause: breathe,
      });
      speed = tokensPerSecond * flopsPerToken;
    }
    const timed = { ...offer, ...timesOf(offer, speed / flopsPerToken, bytes) };
    probed.set(offer, timed);
    progress(timed);
  }
  return offers.map((offer) => probed.get(offer)!);
}

function offerOf(preset: PresetOffer['preset'], { config, settings }: Plan): PresetOffer {
  return {
    preset,
    config,
    settings,
    parameters: parameterCount(config),
    flopsPerToken: trainingFlopsPerToken(config),
    memoryBytes: memoryToTrain(config, settings),
    seconds: null,
    tokensPerSecond: null,
  };
}

function timesOf({ config, settings }: PresetOffer, tokensPerSecond: number, bytes: number): { seconds: number; tokensPerSecond: number } {
  const { steps, batch, accumulate, evalEvery, sampleEvery } = settings;
  const trained = steps * batch * accumulate * config.contextLength;
  const windows = evaluationWindows(config.contextLength);
  // Evaluations look at training and held-out windows, forwards only; a sample is about as many passes as it has tokens.
  const evaluated = (Math.ceil(steps / evalEvery) * (windows.heldOut + windows.seen) * config.contextLength) / 3;
  const sampled = Math.ceil(steps / sampleEvery) * config.contextLength;
  return { seconds: (trained + evaluated + sampled) / tokensPerSecond + bytes / preparedPerSecond, tokensPerSecond };
}
