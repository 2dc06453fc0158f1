import { defineConfig } from 'vitest/config';

export default defineConfig({
  // As in the bundles: one copy of tfjs-core, its ES modules.
  resolve: { mainFields: ['module', 'main'] },
  ssr: { resolve: { mainFields: ['module', 'main'] } },
  test: {
    include: ['test/**/*.spec.ts'],
    // The kernels, compiled.
    globalSetup: ['scripts/lib/assets.mjs'],
    pool: 'threads',
    // Generous: a slow machine that does other things besides must pass too.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    server: { deps: { inline: [/@tensorflow/] } },
  },
});
