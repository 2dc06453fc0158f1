/** The editor's theme as this page sees it: VS Code's CSS variables and the kind of theme, and when they change. */

export type ThemeKind = 'dark' | 'light' | 'hc-black' | 'hc-light';

const kinds: Record<string, ThemeKind> = {
  'vscode-dark': 'dark',
  'vscode-light': 'light',
  'vscode-high-contrast': 'hc-black',
  'vscode-high-contrast-light': 'hc-light',
};

export function themeKind(): ThemeKind {
  return kinds[document.body.dataset.vscodeThemeKind ?? ''] ?? 'dark';
}

export function isHighContrast(): boolean {
  return themeKind().startsWith('hc');
}

/** Value of a theme colour by its id: `colour('editor.background')`; the first of the ids that the theme defines. */
export function themeColour(...ids: string[]): string {
  const style = getComputedStyle(document.documentElement);
  for (const id of ids) {
    const value = style.getPropertyValue(`--vscode-${id.replaceAll('.', '-')}`).trim();
    if (value) return value;
  }
  return '';
}

export function reducedMotion(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches || document.body.classList.contains('vscode-reduce-motion');
}

/** Called after the theme changed, once per change; gives what stops it. */
export function onTheme(listener: () => void): () => void {
  let pending = 0;
  const observer = new MutationObserver(() => {
    cancelAnimationFrame(pending);
    pending = requestAnimationFrame(listener);
  });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style', 'class'] });
  observer.observe(document.body, { attributes: true, attributeFilter: ['class', 'data-vscode-theme-kind', 'data-vscode-theme-id'] });
  return () => observer.disconnect();
}
