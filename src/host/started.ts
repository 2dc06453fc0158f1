/** When the extension's code began to run. Imported before everything else, so that all of its loading counts. */
export const started = performance.now();
