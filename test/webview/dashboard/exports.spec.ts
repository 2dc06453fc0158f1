import { expect, test } from 'vitest';
import { CurveLinks } from '../../../webview/dashboard/curveLinks';
import { explain } from '../../../webview/dashboard/digest';
import { heading } from '../../../webview/dashboard/exports';
import { dashboardRun } from '../../../webview/dashboard/fixtures';
import { History } from '../../../webview/dashboard/history';
import { simulate } from '../../../webview/dashboard/simulate';

test('the figure of a run says which run it is, of what, and by which digest it can be compared', () => {
  const run = dashboardRun({ name: 'Warm-up twice as long', step: 60 });
  const history = new History(simulate({ steps: 100, until: 60 }));
  const explained = explain(new CurveLinks(), history, run, null)!;
  const { title, facts, sentence } = heading(run, history, explained, 'bitsPerByte');
  expect(title).toBe('Warm-up twice as long');
  expect(facts).toEqual([
    'micro · Step 60 of 100 · seed 1 · starts from random weights',
    `Digest of the curve after 60 steps: ${explained.digest}`,
  ]);
  expect(sentence).toMatch(/bits per byte/);
});

test('what is not known is not in it', () => {
  const run = { ...dashboardRun({ preset: '', from: 'starter' }), settings: null };
  const { facts } = heading(run, new History(), null, 'nats');
  expect(facts).toEqual(['Step 0 of 1,000 · starts from starter']);
});
