import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { test } from 'vitest';
import { User } from './user';
import { workspaceFiles } from './workspace';

test('drive', async () => {
  const dir = process.env.DRV ?? '/tmp/drv';
  const options = existsSync(`${dir}/options.json`) ? JSON.parse(readFileSync(`${dir}/options.json`, 'utf8')) : {};
  const files = { ...workspaceFiles({ large: true }), ...(options.files ?? {}) };
  const user = await User.start({ vsix: ['/tmp/drv/loupe.vsix'], ...options, files });
  const { page } = user;
  const bag: Record<string, unknown> = {};
  writeFileSync(`${dir}/ready`, user.workspace);
  page.setDefaultTimeout(20_000);
  for (;;) {
    if (existsSync(`${dir}/stop`)) break;
    if (existsSync(`${dir}/cmd.js`)) {
      const code = readFileSync(`${dir}/cmd.js`, 'utf8');
      rmSync(`${dir}/cmd.js`);
      let out: string;
      try {
        const run = new Function('user', 'page', 'bag', 'fs', 'sleep', `return (async () => { ${code} })()`);
        const result = await run(user, page, bag, await import('node:fs'), (ms: number) => new Promise((r) => setTimeout(r, ms)));
        out = typeof result === 'string' ? result : (JSON.stringify(result, null, 1) ?? 'undefined');
      } catch (error) {
        out = `ERROR ${error instanceof Error ? error.message.slice(0, 1500) : error}`;
        await page.screenshot({ path: `${process.env.LOUPE_SHOTS}/error.png` }).catch(() => {});
      }
      writeFileSync(`${dir}/out.tmp`, out);
      renameSync(`${dir}/out.tmp`, `${dir}/out`);
    }
    await new Promise((r) => setTimeout(r, 100));
  }
  await user.stop();
}, 4_000_000);
