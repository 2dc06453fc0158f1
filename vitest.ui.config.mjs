import { defineConfig } from 'vitest/config';

/** The user-interface suite: one VS Code and one browser per file, one file at a time. */
export default defineConfig({
  test: {
    include: ['test/ui/**/*.ui.ts'],
    exclude: process.argv.some((argument) => argument.includes('scratch')) ? [] : ['test/ui/scratch-*'],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 30_000, interval: 100 } },
  },
});
