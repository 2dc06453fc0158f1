/** Builds the panels with their fixtures and serves each state of each in a page like VS Code's: its variables, its policy. */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');
// Of this process alone: galleries of different panels may run side by side.
const out = join(root, 'build', 'gallery', String(process.pid));

export const themes = JSON.parse(readFileSync(join(here, 'themes.json'), 'utf8'));
export const themeKinds = ['dark', 'light', 'hc-black', 'hc-light'];

/** Panels that have fixtures; `only` names some, with commas. */
function panels(only) {
  return readdirSync(join(root, 'webview'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(root, 'webview', entry.name, 'fixtures.ts')))
    .map((entry) => entry.name)
    .filter((name) => !only || only.split(',').includes(name))
    .sort();
}

async function build(watch, only) {
  const names = panels(only);
  const imports = names.map((name) => `import { states as ${name} } from './webview/${name}/fixtures';`).join('\n');
  const options = {
    absWorkingDir: root,
    bundle: true,
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
    outdir: out,
    loader: { '.ttf': 'file' },
    legalComments: 'none',
    logLevel: 'warning',
    sourcemap: 'inline',
  };
  const contents = `import { startGallery } from './webview/gallery/host';\n${imports}\nstartGallery({ ${names.join(', ')} });`;
  const states = `${imports}\nmodule.exports = { ${names.map((name) => `${name}: Object.fromEntries(Object.entries(${name}).map(([key, state]) => [key, { showcase: state.showcase === true, rooms: state.rooms ?? [] }]))`).join(', ')} };`;
  const targets = [
    { ...options, entryPoints: Object.fromEntries(names.map((name) => [name, `webview/${name}/main.ts`])) },
    { ...options, stdin: { contents, resolveDir: root, sourcefile: 'gallery.js' }, outdir: undefined, outfile: join(out, 'gallery.js') },
  ];
  for (const target of targets) {
    if (watch) await (await esbuild.context(target)).watch();
    else await esbuild.build(target);
  }
  // The list of states is what the fixtures themselves export.
  const listed = await esbuild.build({
    ...options,
    platform: 'node',
    format: 'cjs',
    sourcemap: false,
    loader: {},
    write: false,
    outdir: undefined,
    stdin: { contents: states, resolveDir: root, sourcefile: 'states.js' },
  });
  const module = { exports: {} };
  new Function('module', 'exports', listed.outputFiles[0].text)(module, module.exports);
  return module.exports;
}

function strings(language) {
  const file = join(root, 'l10n', `bundle.l10n.${language}.json`);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
}

/** One panel in one state, as VS Code would show it. */
function frame(query) {
  const panel = query.get('panel');
  const language = query.get('language') ?? 'en';
  const theme = themes[query.get('theme') ?? 'dark'];
  const nonce = randomBytes(16).toString('base64');
  const variables = Object.entries(theme.variables).map(([name, value]) => `${name}: ${value};`);
  const boot = JSON.stringify({ language, strings: strings(language) }).replaceAll('<', '\\u003c');
  const policy = `default-src 'none'; img-src 'self' blob: data:; font-src 'self'; style-src 'self' 'nonce-${nonce}'; script-src 'nonce-${nonce}'`;
  return `<!doctype html>
<html lang="${language}"${query.get('direction') === 'rtl' ? ' dir="rtl"' : ''}>
<head>
<meta charset="utf-8">
<title>${panel}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<style nonce="${nonce}">:root { ${variables.join(' ')} } html { background: var(--vscode-editor-background); } ${themes.style}</style>
<link rel="stylesheet" href="/${panel}.css">
</head>
<body class="${theme.kind}" data-vscode-theme-kind="${theme.kind}" data-vscode-theme-id="${theme.id}">
<script type="application/json" id="loupe-boot" nonce="${nonce}">${boot}</script>
<script nonce="${nonce}" src="/gallery.js"></script>
<script nonce="${nonce}" src="/${panel}.js"></script>
</body>
</html>`;
}

/** Everything at once, with switches. */
function index(states) {
  const list = Object.entries(states).flatMap(([panel, names]) => Object.keys(names).map((state) => ({ panel, state })));
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Gallery of LLM Loupe</title>
<style>
body { margin: 0; font: 13px system-ui; background: #eee; color: #222; }
header { position: sticky; top: 0; display: flex; gap: 16px; padding: 8px 16px; background: #fff; border-bottom: 1px solid #ccc; }
figure { margin: 16px; } figcaption { margin-bottom: 4px; font-weight: 600; }
iframe { border: 1px solid #ccc; height: 720px; max-width: 100%; resize: both; }
</style></head><body>
<header>
<label>Theme <select id="theme">${themeKinds.map((kind) => `<option>${kind}</option>`).join('')}</select></label>
<label>Language <select id="language"><option>en</option><option>fr</option></select></label>
<label>Width <select id="width"><option>1100</option><option>700</option><option>480</option><option>320</option></select></label>
</header>
<main></main>
<script>
const states = ${JSON.stringify(list)};
const value = (id) => document.getElementById(id).value;
function show() {
  document.querySelector('main').replaceChildren(...states.map(({ panel, state }) => {
    const figure = document.createElement('figure');
    const caption = document.createElement('figcaption');
    const link = document.createElement('a');
    link.href = '/frame?' + new URLSearchParams({ panel, state, theme: value('theme'), language: value('language') });
    link.textContent = panel + ' · ' + state;
    caption.append(link);
    const view = document.createElement('iframe');
    view.src = link.href; view.title = link.textContent; view.loading = 'lazy'; view.style.width = value('width') + 'px';
    figure.append(caption, view);
    return figure;
  }));
}
addEventListener('change', show);
show();
</script></body></html>`;
}

const types = { '.js': 'text/javascript', '.css': 'text/css', '.ttf': 'font/ttf' };

/** @returns {Promise<{ url: string, states: Record<string, Record<string, { showcase: boolean, rooms: [number, number][] }>>, close: () => void }>} */
export async function startGallery({ port = 0, watch = false, only } = {}) {
  const states = await build(watch, only);
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://localhost');
    const html = pathname === '/' ? index(states) : pathname === '/frame' && states[searchParams.get('panel')] ? frame(searchParams) : null;
    const file = join(out, pathname.slice(1));
    if (html !== null) response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(html);
    else if (/^\/[\w-]+\.\w+$/.test(pathname) && existsSync(file))
      response.writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream' }).end(readFileSync(file));
    else response.writeHead(404).end();
  });
  process.once('exit', () => rmSync(out, { recursive: true, force: true }));
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, states, close: () => server.close() };
}
