import { defineConfig } from 'vitest/config';

export default defineConfig({
  // As in the bundles: one copy of tfjs-core, its ES modules.
  resolve: { mainFields: ['module', 'main'] },
  ssr: { resolve: { mainFields: ['module', 'main'] } },
  test: {
    include: ['test/**/*.spec.ts'],
    pool: 'threads',
    testTimeout: 30_000,
    server: { deps: { inline: [/@tensorflow/] } },
  },
});
