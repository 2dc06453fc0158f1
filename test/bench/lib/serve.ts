/** The other end of `Subject`, for programs in TypeScript: one answer for each line of the input. */
import { createInterface } from 'node:readline';

/** What the bench handed over. */
export function settings<T>(): T {
  return JSON.parse(process.argv[2] as string) as T;
}

/** Says that it is ready, and answers until the input ends. */
export async function serve<Request>(name: string, answer: (request: Request) => Promise<object>): Promise<void> {
  // Whatever a library prints must not be taken for an answer.
  const say = (message: object) => process.stdout.write(`${JSON.stringify(message)}\n`);
  console.log = console.error;
  say({ ready: name });
  for await (const line of createInterface({ input: process.stdin })) say(await answer(JSON.parse(line) as Request));
}

/** Seconds that work takes. */
export async function seconds(work: () => Promise<void> | void): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}
