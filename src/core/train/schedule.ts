/** The learning rate: linear warm-up, then half a cosine down to the minimum at the last step (Loshchilov & Hutter 2017). */
import { cos } from '../math';

export interface Schedule {
  readonly steps: number;
  readonly warmup: number;
  readonly learningRate: number;
  readonly minLearningRate: number;
}

/** For a step from 1 to `steps`. */
export function learningRateAt(step: number, { steps, warmup, learningRate, minLearningRate }: Schedule): number {
  if (step <= warmup) return (learningRate * step) / warmup;
  const done = steps === warmup ? 1 : Math.min(1, (step - warmup) / (steps - warmup));
  return minLearningRate + ((learningRate - minLearningRate) * (1 + cos(Math.PI * done))) / 2;
}
