/**
 * The gallery's side of a page: defines `acquireVsCodeApi` over a fixture before the panel's bundle runs, answers as the host
 * would, then lets the fixture play. Never shipped.
 */
import { type AnyApi, connect, type Port, type Service, serve } from '../../src/protocol/rpc';
import type { FixtureState, Hands } from '../lib/fixture';

declare global {
  var gallery: object;
}

export function startGallery(panels: Record<string, Record<string, FixtureState>>): void {
  const query = new URLSearchParams(location.search);
  const fixture = panels[query.get('panel') ?? '']?.[query.get('state') ?? ''];
  if (!fixture) throw new Error('The gallery has no such state.');

  let deliver: (message: unknown) => void = () => {};
  let saved: unknown = fixture.saved;
  // For tests: what the panel asked of the host, and what it keeps.
  const calls: { method: string; params: unknown }[] = [];
  Object.assign(globalThis, {
    gallery: { calls, saved: () => saved },
    acquireVsCodeApi: () => ({
      // As between the real ones: copies, later.
      postMessage: (message: unknown) => {
        const copy = structuredClone(message);
        setTimeout(() => deliver(copy));
      },
      getState: () => saved,
      setState: (state: unknown) => {
        saved = JSON.parse(JSON.stringify(state));
      },
    }),
  });
  const port: Port = {
    post(message) {
      const copy = structuredClone(message);
      setTimeout(() => window.dispatchEvent(new MessageEvent('message', { data: copy })));
    },
    onMessage(listener) {
      const previous = deliver;
      deliver = (message) => {
        previous(message);
        listener(message);
      };
    },
    onClose: () => {},
  };

  let played = false;
  const service = new Proxy(fixture.host as Service<AnyApi>, {
    // Methods that a fixture leaves out answer nothing: the panel only tells the host something.
    getOwnPropertyDescriptor: () => ({ configurable: true, enumerable: true }),
    get: (target, name: string) => async (params: unknown, context: never) => {
      calls.push({ method: name, params });
      const result = await target[name]?.(params, context);
      if (name === 'ready' && !played) {
        played = true;
        setTimeout(play, 50);
      }
      return result;
    },
  });
  serve(port, service);
  const view = connect<AnyApi>(port);
  Object.assign(globalThis.gallery, { view });

  async function play(): Promise<void> {
    const done = document.documentElement.dataset;
    try {
      await fixture?.play?.(view, hands);
      await hands.pause(250);
      done.gallery = 'done';
    } catch (error) {
      console.error(error);
      done.gallery = 'failed';
    }
  }
}

const hands: Hands = {
  async find(selector) {
    for (let tries = 0; tries < 100; tries++) {
      const element = document.querySelector<HTMLElement>(selector);
      if (element) return element;
      await hands.pause(20);
    }
    throw new Error(`Nothing matches ${selector}.`);
  },
  async click(selector) {
    (await hands.find(selector)).click();
  },
  async point(selector, x, y, click = false) {
    const element = await hands.find(selector);
    const box = element.getBoundingClientRect();
    const at = { clientX: box.left + box.width * x, clientY: box.top + box.height * y, bubbles: true, cancelable: true };
    element.dispatchEvent(new PointerEvent('pointermove', at));
    if (!click) return;
    element.dispatchEvent(new PointerEvent('pointerdown', at));
    element.dispatchEvent(new PointerEvent('pointerup', at));
    element.dispatchEvent(new MouseEvent('click', at));
  },
  async key(key, { shift = false, ctrl = false } = {}) {
    const target = document.activeElement ?? document.body;
    target.dispatchEvent(new KeyboardEvent('keydown', { key, shiftKey: shift, ctrlKey: ctrl, bubbles: true, cancelable: true }));
  },
  pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};
