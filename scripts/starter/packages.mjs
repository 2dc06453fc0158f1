/** What the starter model learns code from, and what is kept from it: by name, so that both are looked at by a person. */

/** Packages to learn from, with the most bytes to take of each. */
export const PACKAGES = Object.fromEntries(
  Object.entries({
    // TypeScript, from the files or the source maps of the package.
    1500000: ['assemblyscript', '@tensorflow/tfjs-core'],
    500000: ['@azure/msal-browser', '@azure/msal-common', '@tensorflow/tfjs-backend-cpu', '@tensorflow/tfjs-backend-wasm', '@types/node'],
    // Python.
    1000000: ['node-gyp'],
    170000: [
      ...[
        '@azure/msal-node',
        '@azure/identity',
        '@azure/core-client',
        '@azure/core-rest-pipeline',
        '@azure/core-tracing',
        '@azure/core-util',
      ],
      ...['@typespec/ts-http-runtime', 'gpt-tokenizer', 'ajv', 'lit-html', '@lit/reactive-element', '@lit/context', 'lit-element', 'lit'],
      ...['@lit-labs/ssr-dom-shim', 'glob', 'minimatch', 'minipass', 'path-scurry', 'brace-expansion', 'fast-check', 'type-fest'],
      ...['@secretlint/core', '@secretlint/config-loader', '@textlint/linter-formatter', '@jridgewell/trace-mapping'],
      ...['@jridgewell/sourcemap-codec', 'expect-type', 'typescript', '@types/mocha', '@types/chai', '@types/sarif', 'undici-types'],
      // JavaScript.
      ...['undici', 'vitest', '@vitest/mocker', 'vite', 'mocha', 'chai', 'tinybench', 'lodash', 'underscore', 'azure-devops-node-api'],
      ...['typed-rest-client', 'fflate', 'diff', 'qs', 'js-yaml', 'iconv-lite', 'markdown-it', 'workerpool', 'fast-uri', 'table'],
      ...['postcss', 'jsonc-parser', 'seedrandom', 'json5', 'commander', 'es-module-lexer', 'xmlbuilder', 'node-fetch', 'source-map-js'],
      ...['ignore', 'semver', 'yauzl', 'magic-string', 'fast-glob', 'picomatch', 'tslib', 'form-data', 'chokidar', 'object-inspect'],
      ...['node-sarif-builder', 'p-map', 'pure-rand', 'sax', '@vscode/vsce', '@huggingface/tokenizers', 'uplot', 'tiktoken'],
      ...['@biomejs/biome', 'esbuild', 'binaryen', 'rolldown', 'mime-db', 'playwright-core', '@azure/core-auth'],
    ],
  }).flatMap(([most, names]) => names.map((name) => [name, Number(most)])),
);

/** Authors whose books are never trained on, by the beginning of their files' names. */
export const authors = { fr: ['Maupassant', 'Villiers', 'Rachilde'], en: ['Conrad', 'Carroll', 'Wells'] };

/** Packages whose TypeScript the model is judged on. Their authors' other packages are not in the list above either. */
export const judgedOn = ['cheerio', 'htmlparser2', 'cockatiel'];

/** The repository that is continued on. */
export const unseen = '@vscode-elements/elements';
