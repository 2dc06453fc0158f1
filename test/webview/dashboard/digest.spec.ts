import { describe, expect, it } from 'vitest';
import { curveAfter, curveDigest } from '../../../src/core/train/curveDigest';
import type { TrainEvent } from '../../../src/core/train/events';
import { CurveLinks, factsOf } from '../../../webview/dashboard/curveLinks';
import { explain } from '../../../webview/dashboard/digest';
import { dashboardRun } from '../../../webview/dashboard/fixtures';
import { History } from '../../../webview/dashboard/history';
import { simulate } from '../../../webview/dashboard/simulate';

const run = dashboardRun();
const events = simulate({ steps: 100, until: 60 });
const at = (of: readonly TrainEvent[], step: number) => curveDigest(curveAfter(factsOf(run)!, of, step)!);

describe('the digest on the dashboard', () => {
  it('is the engine’s, while steps arrive and at any step before', () => {
    const links = new CurveLinks();
    const history = new History();
    for (const [i, event] of events.entries()) {
      history.append([event]);
      if (history.step > 0) expect(links.at(factsOf(run)!, history, history.step)).toBe(at(events.slice(0, i + 1), history.step));
    }
    for (const step of [1, 17, 59]) expect(links.at(factsOf(run)!, history, step)).toBe(at(events, step));
    expect(links.at(factsOf(run)!, history, 61)).toBeNull();
    expect(links.at(factsOf(run)!, history, 0)).toBeNull();
  });

  it('follows a resume that trains steps again', () => {
    const links = new CurveLinks();
    const history = new History(events);
    const before = links.at(factsOf(run)!, history, 60);
    const again = events.flatMap((event) => (event.type === 'step' && event.step > 50 ? [{ ...event, loss: event.loss / 2 }] : []));
    history.append([{ type: 'resumed', step: 50 }, ...again]);
    expect(links.at(factsOf(run)!, history, 60)).not.toBe(before);
    expect(links.at(factsOf(run)!, history, 50)).toBe(at(events, 50));
    history.append(events.filter((event) => event.type === 'step' && event.step > 50));
    expect(links.at(factsOf(run)!, history, 60)).toBe(before);
  });

  it('is of the locked step where one is locked', () => {
    const history = new History(events);
    const last = explain(new CurveLinks(), history, run, null)!;
    const locked = explain(new CurveLinks(), history, run, 20)!;
    expect([last.digest, last.after]).toEqual([at(events, 60), 'after 60 steps']);
    expect([locked.digest, locked.after]).toEqual([at(events, 20), 'after 20 steps']);
    expect(locked.parts.slice(0, 3)).toEqual(last.parts.slice(0, 3));
    expect(locked.parts.map(({ value }) => value).slice(1, 3)).toEqual(['c0ffee', '70ce25']);
  });

  it('says whom it must agree with', () => {
    const history = new History(events);
    const said = (everywhere: boolean) =>
      explain(new CurveLinks(), history, { ...run, curve: run.curve && { ...run.curve, everywhere } }, null)!.agreement.join(' ');
    expect(said(true)).toContain('every machine must');
    expect(said(false)).toContain('only processors of one kind');
  });

  it('is not shown where it cannot be known', () => {
    expect(explain(new CurveLinks(), new History(events), { ...run, curve: null }, null)).toBeNull();
    expect(explain(new CurveLinks(), new History(), run, null)).toBeNull();
    const torn = events.filter((event) => event.type !== 'step' || event.step !== 30);
    expect(explain(new CurveLinks(), new History(torn), run, null)).toBeNull();
  });
});
