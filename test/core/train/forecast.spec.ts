/**
 * The forecast against curves of past runs (`curves/*.json`: what `llm-loupe train` with the arguments they name wrote), and
 * against curves whose end is known exactly.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Evaluated, forecast } from '../../../src/core/train/forecast';
import type { Schedule } from '../../../src/core/train/schedule';

interface Curve {
  readonly of: string;
  readonly schedule: Schedule;
  readonly evaluations: readonly (readonly [number, number])[];
}

const folder = join(import.meta.dirname, 'curves');
const past = readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Curve);
const constant: Schedule = { steps: 1000, warmup: 0, learningRate: 1e-3, minLearningRate: 1e-3 };
const short: Schedule = { ...constant, steps: 250 };

interface Said {
  /** Relative. */
  readonly error: number;
  readonly inside: boolean;
}

/** What was said of a past run at any of its evaluations about any later one. */
function said({ schedule, evaluations }: Curve): Said[] {
  const points = evaluations.map(([step, bitsPerByte]) => ({ step, bitsPerByte }));
  return points.flatMap((_, now) =>
    points.slice(now + 1).flatMap(({ step, bitsPerByte }) => {
      // None of them had read its text once.
      const found = forecast(points.slice(0, now + 1), schedule, step, Number.POSITIVE_INFINITY);
      if (found?.kind !== 'band') return [];
      return [{ error: Math.abs(found.expected / bitsPerByte - 1), inside: found.low <= bitsPerByte && bitsPerByte <= found.high }];
    }),
  );
}

describe('forecast', () => {
  test('past runs went where it said, whenever it said it of whatever later step: the band held 19 times in 20', () => {
    for (const curve of past) {
      const all = said(curve);
      expect(all.length, curve.of).toBeGreaterThan(90);
      expect(all.filter(({ inside }) => inside).length / all.length, curve.of).toBeGreaterThanOrEqual(0.95);
      expect(Math.max(...all.map(({ error }) => error)), curve.of).toBeLessThan(0.1);
      expect(all.reduce((sum, { error }) => sum + error, 0) / all.length, curve.of).toBeLessThan(0.03);
    }
    expect(past.filter(({ of }) => of.includes('continuing')).length).toBe(2);
  });

  test('what is said of the end of a run, from half of it on, is within 5 %, and 1.5 % on average', () => {
    const ends = past.flatMap(({ schedule, evaluations }) => {
      const points = evaluations.map(([step, bitsPerByte]) => ({ step, bitsPerByte }));
      const end = points.at(-1)!;
      return [0.5, 0.6, 0.75].map((share) => {
        const found = forecast(
          points.filter(({ step }) => step <= schedule.steps * share),
          schedule,
          end.step,
          Number.POSITIVE_INFINITY,
        );
        return found?.kind === 'band' ? Math.abs(found.expected / end.bitsPerByte - 1) : Number.NaN;
      });
    });
    expect(ends.every((error) => error < 0.05)).toBe(true);
    expect(ends.reduce((sum, error) => sum + error, 0) / ends.length).toBeLessThan(0.015);
  });

  test('a model that is continued gets worse before it gets better: nothing is said of that before it has read the text once', () => {
    const { schedule, evaluations } = past.find(({ of }) => of.startsWith('French novels') && of.includes('continuing'))!;
    const points = evaluations.map(([step, bitsPerByte]) => ({ step, bitsPerByte }));
    const early = points.filter(({ step }) => step <= 40);
    expect(forecast(early, schedule, 160, 400)).toBeNull();
    expect(forecast(early, schedule, 160)).toMatchObject({ kind: 'rising' });
    for (const [i] of points.entries()) expect(forecast(points.slice(0, i + 1), schedule, 160, 400)?.kind ?? 'band').toBe('band');
  });

  test('a power law at a constant rate is met exactly, on both clocks', () => {
    const law = (step: number) => 1.2 + 5 * step ** -0.4;
    const points = Array.from({ length: 10 }, (_, i) => ({ step: 40 * (i + 1), bitsPerByte: law(40 * (i + 1)) }));
    const found = forecast(points, constant, 1000);
    expect(found).toMatchObject({ kind: 'band', step: 1000 });
    if (found?.kind !== 'band') return;
    expect(found.expected).toBeCloseTo(law(1000), 3);
    // Past runs left their fit: what is far is less sure than the fit says.
    expect([found.low / found.expected, found.high / found.expected].map((share) => Math.abs(share - 1).toFixed(3))).toEqual([
      '0.053',
      '0.053',
    ]);
  });

  test('held-out text that gets worse is said, not extrapolated', () => {
    const points: Evaluated[] = [3, 2.5, 2.2, 2.1, 2.2, 2.3, 2.5].map((bitsPerByte, i) => ({ step: 10 * (i + 1), bitsPerByte }));
    expect(forecast(points, constant, 100)).toEqual({ kind: 'rising', since: 40, best: 2.1 });
  });

  test('a curve that turns slowly is said to have turned', () => {
    const values = [3.4, 2.5, 2.1, 1.95, 1.85, 1.853, 1.87, 1.89, 1.91];
    const points = values.map((bitsPerByte, i) => ({ step: 30 * (i + 1), bitsPerByte }));
    expect(forecast(points.slice(0, -1), short, 600)?.kind).toBe('band');
    expect(forecast(points, constant, 600)).toEqual({ kind: 'rising', since: 150, best: 1.85 });
  });

  test('nothing is said from too little, or about the past', () => {
    const points: Evaluated[] = [3, 2.5, 2.2].map((bitsPerByte, i) => ({ step: 10 * (i + 1), bitsPerByte }));
    expect(forecast([], constant, 100)).toBeNull();
    expect(forecast(points, constant, 100)).toBeNull();
    expect(forecast([...points, { step: 80, bitsPerByte: 2.1 }], short, 30)).toBeNull();
    expect(
      forecast(
        Array.from({ length: 9 }, (_, i) => ({ step: 30 * (i + 1), bitsPerByte: 3 - i / 10 })),
        constant,
        1000,
      ),
    ).toBeNull();
    const warming = { ...short, warmup: 75 };
    expect(forecast([...points, { step: 80, bitsPerByte: 2.1 }], warming, 100)).toBeNull();
  });

  test('a flat curve stays flat, and nothing falls below zero', () => {
    const flat = Array.from({ length: 8 }, (_, i) => ({ step: 10 * (i + 1), bitsPerByte: 2 }));
    expect(forecast(flat, short, 500)).toMatchObject({ expected: 2 });
    const steep = Array.from({ length: 8 }, (_, i) => ({ step: 10 * (i + 1), bitsPerByte: 8 - i }));
    const found = forecast(steep, short, 1000);
    expect(found?.kind === 'band' && found.low >= 0).toBe(true);
  });
});
