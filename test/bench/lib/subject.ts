/**
 * A process that is measured: ours, or a peer's. It lives as long as the bench, says `{"ready": "PyTorch 2.15"}` when it has
 * made its model, and then answers each line of JSON it is told (`{"count": 20}`: do twenty steps) with another, the seconds
 * it took by its own clock among it. So warming up is paid once, and A B A B is cheap.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchContext } from './row';

export interface Answer {
  readonly seconds: number;
}

export class Subject {
  /** What it calls itself: "PyTorch 2.15.0". */
  name = '';
  private readonly lines: AsyncIterator<string>;
  private errors = '';

  private constructor(private readonly child: ChildProcessWithoutNullStreams) {
    this.lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    child.stderr.on('data', (text: Buffer) => {
      this.errors = (this.errors + text).slice(-4000);
    });
    child.stdin.on('error', () => {}); // it has ended: the answer that does not come says so
  }

  static async start(command: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Subject> {
    const subject = new Subject(spawn(command, args, { env: { ...process.env, ...environment }, stdio: 'pipe' }));
    try {
      subject.name = (await subject.next<{ ready: string }>()).ready;
      subject.hold(true);
      return subject;
    } catch (error) {
      subject.stop();
      throw error;
    }
  }

  async ask<A extends Answer>(request: object): Promise<A> {
    this.hold(false);
    this.child.stdin.write(`${JSON.stringify(request)}\n`);
    const answer = await this.next<A>();
    this.hold(true);
    return answer;
  }

  /**
   * Who is not asked stands still: some peers' threads spin on between their turns, and took a third of everybody else's time
   * (0.81 M parameters on two cores: 9,900 tokens/s beside a PyTorch that spins, 13,900 without).
   */
  private hold(still: boolean): void {
    if (process.platform !== 'win32') this.child.kill(still ? 'SIGSTOP' : 'SIGCONT');
  }

  /** The most memory that was resident at once, in bytes; null where the system does not tell. */
  peakBytes(): number | null {
    try {
      const status = readFileSync(`/proc/${this.child.pid}/status`, 'utf8');
      return 1024 * Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1]);
    } catch {
      return null;
    }
  }

  /**
   * Seconds that its threads, all together, wanted to run and did not, because others had the processors; null where the system
   * does not tell.
   */
  waitedSeconds(): number | null {
    const tasks = `/proc/${this.child.pid}/task`;
    try {
      // Nanoseconds run, nanoseconds waited, turns.
      const waited = (task: string) => Number(readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ')[1]);
      return readdirSync(tasks).reduce((sum, task) => sum + waited(task), 0) / 1e9;
    } catch {
      return null;
    }
  }

  stop(): void {
    this.child.kill('SIGKILL');
  }

  private async next<T>(): Promise<T> {
    const line = await this.lines.next();
    if (line.done) throw new Error(`${this.name || this.child.spawnargs.join(' ')} ended: ${this.errors}`);
    return JSON.parse(line.value) as T;
  }
}

/** One of ours: a TypeScript program in `peers/`, on this Node. `settings` reach it as JSON. */
export async function startScript(
  context: BenchContext,
  script: string,
  settings: object,
  environment: Readonly<Record<string, string>> = {},
): Promise<Subject> {
  const program = await context.bundle(`test/bench/peers/${script}`);
  return Subject.start(process.execPath, [program, JSON.stringify({ assets: context.assets, ...settings })], environment);
}

/** A peer in Python, or null where Python or one of these modules is absent. */
export async function startPython(
  context: BenchContext,
  script: string,
  modules: readonly string[],
  settings: object,
  environment: Readonly<Record<string, string>> = {},
): Promise<Subject | null> {
  const { python } = context.peers;
  if (!python || !modules.every((name) => python.modules.includes(name))) return null;
  return Subject.start(python.path, [join(context.root, 'test/bench/peers', script), JSON.stringify(settings)], environment);
}

export interface Turn {
  /** What is to be done in one turn. */
  readonly request: object;
  readonly subject: Subject;
}

/** For threads that spin a while before they sleep. */
const rest = 50;
/** What its threads may wait for others in a turn that counts, as a share of its time. */
const tolerated = 0.05;
/** Seconds that rounds are added for, in the hope of quiet ones. */
const patience = 90;

/**
 * Asks all in turn, so many times; the first round of all warms up and is given to `first`. Answers by name, one for each round.
 * While other processes take the processors, rounds are added for a while, and the quietest turns of each count in the end; if they
 * were not quiet, it is said.
 */
export async function interleave<A extends Answer>(
  turns: ReadonlyMap<string, Turn>,
  rounds: number,
  first: (name: string, answer: A) => void = () => {},
): Promise<Map<string, A[]>> {
  for (const [name, { subject, request }] of turns) first(name, await subject.ask<A>(request));
  const all = new Map<string, Observed<A>[]>([...turns.keys()].map((name) => [name, []]));
  const began = performance.now();
  for (let round = 0; round < rounds || (disturbed(all, rounds) > tolerated && performance.now() - began < 1000 * patience); round++) {
    for (const [name, turn] of turns) {
      await sleep(rest);
      all.get(name)?.push(await observed<A>(turn));
    }
  }
  for (const [name, answers] of all) {
    const worst = disturbed(new Map([[name, answers]]), rounds);
    if (worst <= tolerated) continue;
    console.log(`  ${name}: its threads waited for processors for up to ${(100 * worst).toFixed(0)} % of the time: measure again`);
  }
  return new Map([...all].map(([name, answers]) => [name, quietest(answers, rounds).map(({ answer }) => answer)]));
}

interface Observed<A> {
  readonly answer: A;
  /** What the threads waited for processors that others had, as a share of the time. */
  readonly waited: number;
}

const quietest = <A>(answers: readonly Observed<A>[], count: number) => answers.toSorted((a, b) => a.waited - b.waited).slice(0, count);

/** How disturbed the worst of the turns that count was. */
function disturbed<A>(all: ReadonlyMap<string, Observed<A>[]>, rounds: number): number {
  return Math.max(...[...all.values()].flatMap((answers) => quietest(answers, rounds).map(({ waited }) => waited)));
}

async function observed<A extends Answer>({ subject, request }: Turn): Promise<Observed<A>> {
  const before = subject.waitedSeconds();
  const answer = await subject.ask<A>(request);
  const after = subject.waitedSeconds();
  return { answer, waited: before === null || after === null ? 0 : Math.max(0, after - before) / answer.seconds };
}
