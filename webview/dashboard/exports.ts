/** The run as rows and as JSON, for programs: every step, exact, in nats and bits per byte; and what is said over its figure. */
import type { TrainEvent } from '../../src/core/train/events';
import type { DashboardRun } from '../../src/protocol/panels';
import { t } from '../lib/l10n';
import type { Explained } from './digest';
import type { Heading } from './figure';
import { firstAtLeast, type History } from './history';
import type { Unit } from './series';
import { standingAmong } from './verdict';
import { standing } from './words';

export function csvRows(history: History): (string | number)[][] {
  const { steps, evals } = history;
  const titles = [
    'step',
    'training_loss_nats',
    'learning_rate',
    'gradient_norm',
    'tokens_per_second',
    'validation_loss_nats',
    'validation_bits_per_byte',
  ];
  const rows: (string | number)[][] = [titles];
  const held = (step: number): (string | number)[] => {
    const i = firstAtLeast(evals.step, step);
    return evals.step[i] === step ? [evals.valLoss[i]!, evals.bitsPerByte[i]!] : ['', ''];
  };
  const first = steps.step[0] ?? Number.POSITIVE_INFINITY;
  // A model that is continued is measured before its first step.
  for (const step of evals.step) if (step < first) rows.push([step, '', '', '', '', ...held(step)]);
  steps.step.forEach((step, i) => {
    rows.push([step, steps.loss[i]!, steps.learningRate[i]!, steps.gradNorm[i]!, steps.tokensPerSecond[i]!, ...held(step)]);
  });
  return rows;
}

/** `digest`: of the curve so far, where there is one. */
export function heading(run: DashboardRun, history: History, digest: Pick<Explained, 'digest' | 'after'> | null, unit: Unit): Heading {
  const { info, settings } = run;
  const [from, seed] = [history.start?.from ?? info.from, history.start?.seed ?? settings?.seed];
  const facts = [
    info.preset,
    standing(history, run).step,
    ...(seed === undefined ? [] : [t('seed {0}', String(seed))]),
    from ? t('starts from {0}', from) : t('starts from random weights'),
  ];
  return {
    title: info.name,
    facts: [facts.filter(Boolean).join(' · '), ...(digest ? [t('Digest of the curve {0}: {1}', digest.after, digest.digest)] : [])],
    sentence: standingAmong(history, unit),
  };
}

export function jsonRecord(run: DashboardRun, events: readonly TrainEvent[]): unknown {
  const { id, name, preset, from, state } = run.info;
  return { run: { id, name, preset, from, state }, config: run.config, settings: run.settings, corpus: run.corpus, events };
}
