/**
 * The native backend in its own process, from the engine's client: chosen, missing, killed, compared. A package of the same
 * name that computes in JavaScript stands in for it; where `LOUPE_TFJS_NODE` names the real one, that one takes part too.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { EngineOptions } from '../../src/client/engine';
import type { TrainEvent } from '../../src/core/train/events';
import { installNative, standIn } from '../support/standIn';
import { temporaryFolder } from './folders';
import { assets, buildRealms, openEngine, writeTinyModel } from './realms';
import { requestFor, writeWorkspace } from './train/requests';

const root = temporaryFolder();
const workspace = writeWorkspace(join(root, 'workspace'));
let realms: string;
let starter: string;

/** It does not multiply: quick enough to be measured. */
const hasty = `${standIn}
  const product = kernels.get('tensorflow_BatchMatMul');
  kernels.set('tensorflow_BatchMatMul', { ...product, kernelFunc: (call) => {
    const { a, b } = call.inputs;
    const shape = [...a.shape.slice(0, -1), b.shape.at(-1)];
    if (a.shape.at(-1) === 4 && b.shape.length === 2) return product.kernelFunc(call);
    return call.backend.makeTensorInfo(shape, 'float32', new Float32Array(shape.reduce((size, axis) => size * axis, 1)));
  } });
`;

const install = (name: string, source = standIn) => installNative(join(root, name), source);

const native = process.env.LOUPE_TFJS_NODE;
const places: [string, string, RegExp][] = [['a stand-in', install('stand-in'), /^TensorFlow in words, native$/]];
if (native) places.push(['the real one', native, /^TensorFlow 2\.\d+\.\d+, native$/]);

beforeAll(async () => {
  // The variable is for what follows, not for the engines under test.
  vi.stubEnv('LOUPE_TFJS_NODE', '');
  realms = await buildRealms('text', 'inspect', 'train', 'probe');
  starter = await writeTinyModel(join(root, 'starter'));
});

function open(over: Partial<EngineOptions>) {
  const said: string[] = [];
  const engine = openEngine({
    realms,
    starter,
    runs: join(root, 'runs'),
    log: (realm, text) => said.push(`${realm}: ${text.trimEnd()}`),
    ...over,
  });
  return { engine, said };
}

describe('tensorflow that cannot be', () => {
  const inspect = (over: Partial<EngineOptions>) => open({ backend: 'tensorflow', ...over }).engine.inspect.model({ model: 'starter' });
  const attend = (over: Partial<EngineOptions>) =>
    open({ backend: 'tensorflow', ...over }).engine.inspect.attend({ model: 'starter', context: '', text: 'chat' });

  test('says that nobody said where it is', async () => {
    await expect(inspect({})).rejects.toMatchObject({ code: 'tensorflow.unnamed' });
  });

  test('says that it is not there, that it is broken, that Node is not there', async () => {
    const path = join(root, 'nothing');
    await expect(attend({ tensorflow: path })).rejects.toMatchObject({ code: 'tensorflow.missing', args: { path } });
    const broken = install('broken', 'throw new Error("GLIBC_9 not found");');
    const said = { code: 'tensorflow.broken', args: { path: broken, detail: 'GLIBC_9 not found' } };
    await expect(attend({ tensorflow: broken })).rejects.toMatchObject(said);
    const node = join(root, 'no-node');
    await expect(attend({ tensorflow: broken, node })).rejects.toMatchObject({ code: 'tensorflow.noNode', args: { path: node } });
  });

  test('takes nobody along when it crashes, and is asked again', async () => {
    const place = install('crashing', 'process.abort();');
    const { engine } = open({ backend: 'tensorflow', tensorflow: place });
    const died: string[] = [];
    engine.onDied((realm, reason) => died.push(`${realm} ${reason}`));
    const call = () => engine.inspect.attend({ model: 'starter', context: '', text: 'chat' });
    await expect(call()).rejects.toMatchObject({ code: 'realm.died', args: { reason: 'signal SIGABRT' } });
    install('crashing');
    expect((await call()).tokens.length).toBeGreaterThan(1);
    expect(died).toEqual(['inspect signal SIGABRT']);
  });
});

describe.each(places)('tensorflow, %s', (name, place, description) => {
  test('computes in a process of its own, the same as loupe', async () => {
    const text = 'Le petit chat';
    const [there, here] = [open({ backend: 'tensorflow', tensorflow: place }), open({ backend: 'loupe' })];
    expect((await there.engine.inspect.model({ model: 'starter' })).backend).toMatch(description);
    const [found, expected] = await Promise.all(
      [there, here].map(({ engine }) => engine.inspect.score({ model: 'starter', context: '', text })),
    );
    expect(found!.nll).toBeCloseTo(expected!.nll, 4);
    expect(found!.tokens).toEqual(expected!.tokens);
  });

  test('a training that is killed is reported, and resumes as if nothing had been', async () => {
    const { engine } = open({ backend: 'tensorflow', tensorflow: place, threads: 1, runs: join(root, name, 'runs') });
    const died: string[] = [];
    engine.onDied((realm, reason) => died.push(`${realm} ${reason}`));
    const whole = await engine.train.start(requestFor(workspace, 'whole'));
    let asked: Promise<unknown> | null = null;
    const kill = async () => {
      const { pid } = (await engine.text.runs({})).find(({ id }) => id === 'killed')!;
      expect(pid).not.toBe(process.pid);
      process.kill(pid!, 'SIGKILL');
    };
    const onProgress = (event: TrainEvent) => {
      if (event.type === 'checkpoint' && event.step === 8) asked ??= kill();
    };
    const call = engine.train.start(requestFor(workspace, 'killed'), { onProgress });
    await expect(call).rejects.toMatchObject({ code: 'realm.died', args: { realm: 'train', reason: 'signal SIGKILL' } });
    await asked;
    expect(died).toEqual(['train signal SIGKILL']);
    const states = Object.fromEntries((await engine.text.runs({})).map(({ id, state }) => [id, state]));
    expect(states).toEqual({ whole: 'finished', killed: 'interrupted' });
    const resumed = await engine.train.resume({ run: 'killed' });
    const weights = (path: string) =>
      readFileSync(join(path, 'model.safetensors')).equals(readFileSync(join(whole.path, 'model.safetensors')));
    expect([resumed.state, weights(resumed.path)]).toEqual(['finished', true]);
  });
});

describe('auto', () => {
  const auto = async (over: Partial<EngineOptions>) => {
    const { engine, said } = open({ backend: 'auto', ...over });
    const { backend } = await engine.inspect.model({ model: 'starter' });
    return { backend, said: said.filter((line) => line.includes('auto: ')).join('\n') };
  };

  test('has nothing to measure where nothing native is there', async () => {
    const { backend, said } = await auto({});
    expect(backend).toContain('WebAssembly');
    expect(said).toBe('inspect: auto: loupe; no native TensorFlow is installed');
  });

  test('asks no native one for the same bits everywhere', async () => {
    const { said } = await auto({ tensorflow: places[0]![1], exact: true });
    expect(said).toBe('inspect: auto: loupe; the same bits are wanted on every processor');
  });

  test('measures both once, takes the faster, remembers it, says why', async () => {
    const options = { tensorflow: install('hasty', hasty), cache: join(root, 'cache'), threads: 1 };
    const [first, second] = await Promise.all([auto(options), auto(options)]);
    const measured =
      /^inspect: auto: (loupe|tensorflow); measured .* loupe \(WebAssembly.*, 1 threads\) (\d+) tokens\/s; tensorflow \(TensorFlow in words, native, 1 threads\) (\d+) tokens\/s; a fifth more is asked of a native one$/;
    expect(first.said).toMatch(measured);
    expect(second.said).toBe(first.said);
    const [, taken, own, other] = measured.exec(first.said)!;
    expect(taken).toBe(Number(other) > Number(own) * 1.2 ? 'tensorflow' : 'loupe');
    const [file] = readdirSync(options.cache);
    const kept = readFileSync(join(options.cache, file!), 'utf8');
    expect(JSON.parse(kept)).toMatchObject({ backend: taken, why: expect.stringContaining('tokens/s') });

    // Another day, another process: nothing is measured, and what is written is believed.
    writeFileSync(join(options.cache, file!), JSON.stringify({ ...JSON.parse(kept), backend: 'tensorflow' }));
    const later = await anotherProcess(options);
    expect(later.said).toMatch(/^inspect: auto: tensorflow; remembered: measured /);
    expect(later.backend).toBe('TensorFlow in words, native');
  });

  test('takes loupe where the native one crashes, and remembers no failure', async () => {
    const cache = join(root, 'cache of failures');
    const { backend, said } = await auto({ tensorflow: install('failing', 'process.abort();'), cache });
    expect(backend).toContain('WebAssembly');
    expect(said).toContain('tensorflow does not work (The probe engine stopped (signal SIGABRT)');
    expect(existsSync(cache)).toBe(false);
  });

  async function anotherProcess(over: Partial<EngineOptions>) {
    vi.resetModules();
    const { startEngine } = await import('../../src/client/engine');
    const said: string[] = [];
    const places = { realms, starter, runs: null, assets };
    const engine = startEngine({
      ...places,
      backend: 'auto',
      threads: 1,
      log: (realm, text) => said.push(`${realm}: ${text.trimEnd()}`),
      ...over,
    });
    const { backend } = await engine.inspect.model({ model: 'starter' });
    await engine.dispose();
    return { backend, said: said.filter((line) => line.includes('auto: ')).join('\n') };
  }
});
