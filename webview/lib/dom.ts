/** Building elements in one expression. Not a framework: panels keep their elements and change them in place. */

export type Child = Node | string | number | null | false | undefined;
type Listener = (event: never) => void;
export type Attributes = Record<string, string | number | boolean | null | undefined | Listener>;

/**
 * `h('button', { class: 'icon', onclick: run, 'aria-pressed': false }, 'Run')`. Functions become listeners, `true` an empty
 * attribute (but `aria-*` keep "true" and "false"), null and undefined nothing. `style` is never an attribute: the page's policy forbids it.
 */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, value);
  append(element, children);
  return element;
}

export function setAttribute(element: Element, name: string, value: Attributes[string]): void {
  if (typeof value === 'function') element.addEventListener(name.replace(/^on/, ''), value as unknown as EventListener);
  else if (name.startsWith('aria-') && typeof value === 'boolean') element.setAttribute(name, String(value));
  else if (value === null || value === undefined || value === false) element.removeAttribute(name);
  else element.setAttribute(name, value === true ? '' : String(value));
}

export function append(element: Element, children: readonly Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    element.append(typeof child === 'number' ? String(child) : child);
  }
}

/** Puts these children in the place of all others. */
export function fill(element: Element, ...children: Child[]): void {
  element.replaceChildren();
  append(element, children);
}

/** A glyph of VS Code's icon font; decoration only, the label belongs to its button. */
export function icon(name: string): HTMLElement {
  return h('span', { class: `codicon codicon-${name}`, 'aria-hidden': true });
}

/** A toolbar button: an icon whose label shows on hover and is read aloud. */
export function iconButton(name: string, label: string, onclick: () => void, attributes: Attributes = {}): HTMLButtonElement {
  return h('button', { type: 'button', class: 'icon-button', title: label, 'aria-label': label, onclick, ...attributes }, icon(name));
}
