import { expect, test } from 'vitest';
import type { TrainEvent } from '../../../src/core/train/events';
import { boardEvents } from '../../../webview/dashboard/board';
import { dashboardRun } from '../../../webview/dashboard/fixtures';
import { History } from '../../../webview/dashboard/history';
import { simulate } from '../../../webview/dashboard/simulate';

const eventsOf = (events: TrainEvent[]) => boardEvents(dashboardRun({ from: 'starter' }), new History(events), events);
const created = dashboardRun().info.created / 1000;

test('holds every step and evaluation at its time, exact', () => {
  const events = simulate({ steps: 200, until: 120, language: 'en' });
  const board = eventsOf(events);
  expect(board.map(({ step }) => step)).toEqual(Array.from({ length: 121 }, (_, step) => step));
  for (const event of events) {
    if (event.type === 'step') {
      expect(board[event.step]!.wallTime).toBe(created + event.elapsedSeconds);
      expect(board[event.step]!.scalars).toMatchObject({
        'loss/training': event.loss,
        'optimizer/learning_rate': event.learningRate,
        'optimizer/gradient_norm': event.gradNorm,
        'speed/tokens_per_second': event.tokensPerSecond,
      });
    } else if (event.type === 'eval') {
      expect(board[event.step]!.scalars).toMatchObject({ 'loss/held_out': event.valLoss, 'bits_per_byte/held_out': event.bitsPerByte });
    }
  }
});

test('says steps once where a resume trained them again, and what was trained', () => {
  const events = simulate({ steps: 200, until: 60, language: 'en' });
  const again = events.filter((event) => event.type === 'step' && event.step > 50).map((event) => ({ ...event, loss: 1.5 }) as TrainEvent);
  const board = eventsOf([...events, { type: 'resumed', step: 50 }, ...again]);
  expect(board.filter(({ step }) => step === 55).map(({ scalars }) => scalars?.['loss/training'])).toEqual([1.5]);
  expect(board[0]!.texts?.run).toContain(
    '# novels-micro\n\n| | |\n|---|---|\n| preset | micro |\n| from | starter |\n| vocabSize | 4096 |',
  );
});

test('keeps a sample as it is, whatever Markdown would make of it', () => {
  const sample: TrainEvent = { type: 'sample', step: 4, prompt: 'a ', text: '# b\n```\n*c*', truth: 'd' };
  const texts = eventsOf([sample]).at(-1)?.texts;
  expect(texts).toEqual({ 'sample/model': '````\na # b\n```\n*c*\n````', 'sample/truth': '```\na d\n```' });
});
