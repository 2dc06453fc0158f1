/** The states that are not a picture: nothing yet, loading, working, an error, out of date. */
import type { PanelMessage } from '../../src/protocol/panels';
import { h, icon } from './dom';

/** One sentence and the one thing to do next. */
export function emptyState(message: PanelMessage, run: (command: string) => void): HTMLElement {
  return h(
    'section',
    { class: 'state empty' },
    h('h1', { class: 'title' }, message.title),
    message.detail && h('p', { class: 'detail' }, message.detail),
    actionButton(message, run),
  );
}

/** What happened, what is safe, what to do. */
export function errorState(message: PanelMessage, run: (command: string) => void): HTMLElement {
  return h(
    'section',
    { class: 'state error', role: 'alert' },
    h('h1', { class: 'title' }, icon('error'), ' ', message.title),
    message.detail && h('p', { class: 'detail' }, message.detail),
    actionButton(message, run),
  );
}

function actionButton({ action }: PanelMessage, run: (command: string) => void): HTMLElement | null {
  return action ? h('button', { type: 'button', class: 'button', onclick: () => run(action.command) }, action.label) : null;
}

/** The bones of the final layout, invisible for the first 200 ms; `label` is what a screen reader hears. */
export function skeletonState(label: string, ...bones: HTMLElement[]): HTMLElement {
  return h('div', { class: 'skeleton-root', role: 'status', 'aria-busy': true }, h('span', { class: 'visually-hidden' }, label), ...bones);
}

export function bone(className = ''): HTMLElement {
  return h('div', { class: `skeleton ${className}`.trim(), 'aria-hidden': true });
}

/** A thin bar; `share` in 0..1, or null where how much is left is not known. */
export function progressBar(label: string): { element: HTMLElement; set(share: number | null): void } {
  const bar = h('div');
  const element = h('div', { class: 'progress', role: 'progressbar', 'aria-label': label, 'aria-valuemin': 0, 'aria-valuemax': 100 }, bar);
  return {
    element,
    set(share) {
      bar.style.transform = `scaleX(${share ?? 0})`;
      if (share === null) element.removeAttribute('aria-valuenow');
      else element.setAttribute('aria-valuenow', String(Math.round(share * 100)));
    },
  };
}

/** A line above the picture: it is out of date, and the button that mends it. */
export function banner(text: string, label: string, run: () => void): HTMLElement {
  return h(
    'div',
    { class: 'banner', role: 'status' },
    h('span', {}, text),
    h('button', { type: 'button', class: 'link-button', onclick: run }, label),
  );
}
