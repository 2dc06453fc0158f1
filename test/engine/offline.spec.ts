/** Nothing goes to the network: every realm does its work in workers whose sockets and name look-ups throw. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { temporaryFolder } from './folders';
import { buildRealms, openEngine, writeTinyModel } from './realms';
import { requestFor, writeWorkspace } from './train/requests';

const root = temporaryFolder();
const blocker = join(root, 'blocker.cjs');
writeFileSync(
  blocker,
  `const dgram = require('node:dgram');
const dns = require('node:dns');
const net = require('node:net');
const blocked = (what) => () => {
  console.error('NETWORK', what);
  throw new Error('blocked: ' + what);
};
net.Socket.prototype.connect = blocked('socket');
net.Server.prototype.listen = blocked('server');
dgram.Socket.prototype.bind = dgram.Socket.prototype.send = blocked('datagram');
for (const name of Object.keys(dns)) if (/^(lookup|resolve|reverse)/.test(name)) dns[name] = blocked('dns');
for (const name of Object.keys(dns.promises)) if (/^(lookup|resolve|reverse)/.test(name)) dns.promises[name] = blocked('dns');
globalThis.fetch = blocked('fetch');
`,
);
const execArgv = ['--require', blocker];

test('the block blocks', async () => {
  const server = createServer((_, response) => response.end('reached')).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const ask = `
    const { parentPort } = require('node:worker_threads');
    const say = (what) => parentPort.postMessage(String(what));
    try {
      require('node:http').get('http://127.0.0.1:${port}', (response) => say('reached')).on('error', say);
    } catch (error) { say(error); }`;
  const outcome = (options: string[]) =>
    new Promise((resolve) => {
      const worker = new Worker(ask, { eval: true, execArgv: options, stderr: true });
      worker.once('message', (message) => void worker.terminate().then(() => resolve(message)));
    });
  expect(await outcome([])).toBe('reached');
  expect(await outcome(execArgv)).toContain('blocked');
  server.close();
});

test('all three realms work without a network', async () => {
  const printed: string[] = [];
  const starter = await writeTinyModel(join(root, 'starter'));
  const runs = join(root, 'runs');
  mkdirSync(runs);
  const { text, inspect, train } = openEngine({
    realms: await buildRealms('text', 'inspect', 'train'),
    starter,
    runs,
    execArgv,
    log: (_, line) => printed.push(line),
  });
  for (const { ref } of await text.tokenizers({}))
    expect(await text.count({ texts: ['un deux'], tokenizers: [ref] })).toEqual([expect.any(Number)]);

  const request = requestFor(writeWorkspace(join(root, 'workspace')), 'run');
  await text.survey(request.corpus);
  await train.offers({ from: 'starter', presets: ['nano'], bytes: 1000 });
  await train.start({ ...request, settings: { steps: 4, batch: 1 } });

  const settings = { temperature: 1, topK: 0, topP: 1, minP: 0, seed: 1 };
  for (const model of ['starter', 'run:run', 'run:run@4']) {
    const { view } = await inspect.attend({ model, context: '', text: 'un deux' });
    await inspect.thumbnails({ view, size: 8 });
    await inspect.generate({ model, prompt: 'un', maxTokens: 4, stop: [], settings });
    await inspect.score({ model, context: '', text: 'un deux' });
  }
  expect(printed.filter((line) => line.includes('NETWORK'))).toEqual([]);
});
