/**
 * The page of a panel: one script, one style, a strict policy. The words it needs travel inside it. No vscode here.
 */

export interface Page {
  readonly script: string;
  readonly style: string;
  /** Source of the webview's own files (`webview.cspSource`). */
  readonly source: string;
  readonly nonce: string;
  readonly title: string;
  readonly language: string;
  readonly strings: Readonly<Record<string, string>>;
  readonly panel: string;
}

export function pageHtml(page: Page): string {
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${page.nonce}'`,
    `style-src ${page.source} 'nonce-${page.nonce}'`,
    `font-src ${page.source}`,
    `img-src ${page.source} data: blob:`,
  ].join('; ');
  // `<` would let a translation close the script element.
  const boot = JSON.stringify({ strings: page.strings, language: page.language, panel: page.panel }).replaceAll('<', '\\u003c');
  return `<!DOCTYPE html>
<html lang="${attribute(page.language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${attribute(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${attribute(page.title)}</title>
<link rel="stylesheet" nonce="${page.nonce}" href="${attribute(page.style)}">
<script type="application/json" id="loupe-boot" nonce="${page.nonce}">${boot}</script>
</head>
<body>
<script nonce="${page.nonce}" src="${attribute(page.script)}"></script>
</body>
</html>`;
}

function attribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
