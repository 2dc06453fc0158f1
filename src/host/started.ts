/** When the extension's code began to run. Imported before everything else, so that all of its modules count. */
export const started = performance.now();
