/** Keys of a panel, and the list of them that `?` shows. Keys typed into a field are left alone. */
import { h } from './dom';
import { t } from './l10n';

export interface KeyBinding {
  /** `KeyboardEvent.key`, with `Shift+` in front where it must be held: "ArrowLeft", "Shift+PageUp", "t". */
  readonly keys: readonly string[];
  /** What it does, in words; bindings without words are not listed. */
  readonly words?: string;
  /** False: not handled, the browser may have it. */
  run(event: KeyboardEvent): boolean | undefined;
}

export function bindKeys(target: HTMLElement | Document, bindings: readonly KeyBinding[]): void {
  const all: KeyBinding[] = [...bindings, { keys: ['?'], words: t('show these keys'), run: () => showKeys(all) }];
  target.addEventListener('keydown', (event) => {
    const e = event as KeyboardEvent;
    if (e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented || isTyping(e.target) || document.querySelector('dialog[open]')) return;
    // A letter or a sign already says whether Shift was held; it differs by keyboard.
    const name = e.shiftKey && e.key.length > 1 ? `Shift+${e.key}` : e.key;
    const binding = all.find(({ keys }) => keys.includes(name));
    if (binding && binding.run(e) !== false) e.preventDefault();
  });
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.matches('input:not([type=checkbox]), textarea, select, [role=menuitem]') || target.isContentEditable)
  );
}

/** The names on the keys, as VS Code writes them. */
function keyName(key: string): string {
  const names: Record<string, string> = {
    ArrowLeft: '←',
    ArrowRight: '→',
    ArrowUp: '↑',
    ArrowDown: '↓',
    PageUp: t('PageUp'),
    PageDown: t('PageDown'),
    Escape: t('Escape'),
    Enter: t('Enter'),
    Shift: t('Shift'),
    ' ': t('Space'),
  };
  return key
    .split('+')
    .map((part) => names[part] ?? part.toUpperCase())
    .join('+');
}

function showKeys(bindings: readonly KeyBinding[]): undefined {
  const rows = bindings.flatMap(({ keys, words }) =>
    words ? [h('dt', {}, ...keys.flatMap((key, i) => [i > 0 && ' ', h('kbd', {}, keyName(key))])), h('dd', {}, words)] : [],
  );
  const dialog = h(
    'dialog',
    { class: 'keys', 'aria-label': t('Keys'), onclose: () => dialog.remove() },
    h('h2', {}, t('Keys')),
    h('dl', {}, ...rows),
  );
  dialog.addEventListener('click', () => dialog.close());
  document.body.append(dialog);
  dialog.showModal();
}
