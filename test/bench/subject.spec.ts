/** Processes that are measured: asked in turn, and heard when they fail. */
import { expect, test } from 'vitest';
import { against, median } from './lib/row';
import { type Answer, interleave, Subject } from './lib/subject';

interface Turned extends Answer {
  readonly turn: number;
}

const program = `
let turn = 0;
console.log(JSON.stringify({ ready: 'a peer' }));
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  if (JSON.parse(line).count === 0) throw new Error('nothing to do');
  console.log(JSON.stringify({ seconds: JSON.parse(line).count, turn: turn++ }));
});`;
const start = () => Subject.start(process.execPath, ['-e', program]);

test('each is asked once to warm up, then once in every round that counts', async () => {
  const [a, b] = [await start(), await start()];
  const first: [string, number][] = [];
  const turns = new Map([
    ['a', { subject: a, request: { count: 2 } }],
    ['b', { subject: b, request: { count: 3 } }],
  ]);
  const answers = await interleave<Turned>(turns, 3, (name, { turn }) => first.push([name, turn]));
  expect(a.name).toBe('a peer');
  expect(first).toEqual([
    ['a', 0],
    ['b', 0],
  ]);
  for (const [name, seconds] of Object.entries({ a: 2, b: 3 })) {
    const own = answers.get(name) ?? [];
    expect(own.map((answer) => answer.seconds)).toEqual([seconds, seconds, seconds]);
    expect(new Set(own.map(({ turn }) => turn)).size).toBe(3);
    expect(own.every(({ turn }) => turn > 0)).toBe(true);
  }
  a.stop();
  b.stop();
});

test('one that ends is reported with what it said last', async () => {
  const subject = await start();
  await expect(subject.ask({ count: 0 })).rejects.toThrow(/a peer ended: [\s\S]*nothing to do/);
  await expect(Subject.start(process.execPath, ['-e', 'console.error("no model"); process.exit(1)'])).rejects.toThrow(/no model/);
});

test('a row knows whether it reaches its goal, and leaves it open without the peer', () => {
  const row = { name: 'a step', unit: 'tokens/s', loupe: 90, peerName: 'a peer' };
  expect(against({ ...row, peer: 100, goal: { least: 0.9 } })).toMatchObject({ ratio: 0.9, goal: '≥ 0.9', reached: true });
  expect(against({ ...row, peer: 100, goal: { most: 0.6 } })).toMatchObject({ ratio: 0.9, goal: '≤ 0.6', reached: false });
  expect(against({ ...row, peer: null, goal: { least: 1 } })).not.toHaveProperty('reached');
  expect(median([5, 1, 3])).toBe(3);
});
