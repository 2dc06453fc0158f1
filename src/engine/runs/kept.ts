/**
 * What can be looked at of a run's past. Resuming needs a few recent checkpoints; older ones stay as models alone, without the
 * optimiser, as long as they are small and few: so one can go back to them, and watch how the model came to be.
 */
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { optimizerFile, trainerStateFile } from '../../core/formats/checkpoint';
import { exists, writeError } from '../files';
import { checkpointPath, checkpoints, remove } from './folder';

/** Of one run. */
const most = 12;
const mostBytes = 128 * 2 ** 20;

const earlierName = /^model-(\d+)$/;

function earlierPath(path: string, step: number): string {
  return join(path, `model-${step}`);
}

/** Steps of the models on disk, of checkpoints and of what is left of older ones, ascending. */
export async function keptSteps(path: string): Promise<number[]> {
  return [...new Set([...(await checkpoints(path)), ...(await earlier(path))])].sort((a, b) => a - b);
}

/** The model of a step; null where it is not kept. */
export async function keptPath(path: string, step: number): Promise<string | null> {
  for (const folder of [checkpointPath(path, step), earlierPath(path, step)]) if (await exists(folder)) return folder;
  return null;
}

/** Takes a checkpoint that resuming no longer needs; what is too much of them goes. */
export async function retire(path: string, step: number): Promise<void> {
  const folder = earlierPath(path, step);
  try {
    // Of a training that was resumed from before: the same weights.
    if (await exists(folder)) await remove(folder);
    // Renamed first: a checkpoint that has lost a file must not look like one to resume from.
    await rename(checkpointPath(path, step), folder);
    for (const name of [optimizerFile, trainerStateFile]) await rm(join(folder, name), { force: true });
  } catch (error) {
    throw writeError(error, folder);
  }
  const bytes = await stat(join(folder, 'model.safetensors')).then(
    ({ size }) => size,
    () => mostBytes + 1,
  );
  for (const each of superfluous(await earlier(path), Math.min(most, Math.floor(mostBytes / bytes)))) {
    await remove(earlierPath(path, each));
  }
}

/** Which of rising steps to give up so that `room` stay, at distances as even as may be. The first and the last stay longest. */
export function superfluous(steps: readonly number[], room: number): number[] {
  const left = [...steps];
  const out: number[] = [];
  while (left.length > room) {
    let least = Math.min(1, left.length - 1);
    for (let i = 2; i < left.length - 1; i++) {
      if (left[i + 1]! - left[i - 1]! < left[least + 1]! - left[least - 1]!) least = i;
    }
    out.push(...left.splice(least, 1));
  }
  return out;
}

async function earlier(path: string): Promise<number[]> {
  const names = await readdir(path).catch(() => []);
  return names
    .flatMap((name) => earlierName.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}
