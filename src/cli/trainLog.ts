/** What training says, as JSON lines for scripts or as lines and a bar for people. */
import type { TrainEvent } from '../core/train/events';
import { toJson } from './numbers';
import { duration, type Output, quote, size } from './output';

const left: Readonly<Record<string, string>> = {
  invalidUtf8: 'not UTF-8',
  tooLarge: 'too large',
  lockFile: 'lock files',
  duplicate: 'duplicates',
  secret: 'secrets',
  outsideLink: 'links out of the folder',
};

export class TrainLog {
  /** The last step that was made. */
  step = 0;
  /** Training proper has begun: there is something to save. */
  started = false;
  private steps = 0;
  private pending: Promise<void> = Promise.resolve();

  constructor(
    private readonly out: Output,
    private readonly folder: string,
    /** The time that the number of steps was chosen for. */
    private readonly minutes: number | null,
  ) {}

  event(event: TrainEvent): void {
    if (event.type === 'start') [this.started, this.steps] = [true, event.steps];
    if (event.type === 'step' || event.type === 'checkpoint') this.step = event.step;
    if (this.out.json) {
      // The stages before the first step are for a progress bar: no part of the contract.
      if (event.type !== 'preparing') this.write(toJson(event));
    } else this.show(event);
  }

  /** Resolves when all lines are out; rejects when the output is gone. */
  written(): Promise<void> {
    return this.pending;
  }

  private show(event: TrainEvent): void {
    const { out } = this;
    if (event.type === 'preparing') out.progress(event.total > 0 ? event.done / event.total : 0, preparing[event.phase](event.done));
    else if (event.type === 'step') out.progress(event.step / this.steps, this.pace(event));
    else if (event.type === 'done') this.write(`${describe(event)}. ${this.folder}`);
    else if (event.type === 'start' && this.minutes !== null) out.log(`${describe(event)}\n${fitted(event, this.minutes)}`);
    // The call rejects with an error too, and that is what is printed.
    else if (event.type !== 'error') out.log(describe(event));
  }

  private pace({ step, loss, tokensPerSecond, remainingSeconds }: TrainEvent & { type: 'step' }): string {
    const rest = Number.isFinite(remainingSeconds) ? `, ${duration(remainingSeconds)} left` : '';
    return `step ${step}/${this.steps}  loss ${loss.toFixed(3)} nats/token  ${Math.round(tokensPerSecond)} tokens/s${rest}`;
  }

  private write(line: string): void {
    this.out.end();
    this.pending = this.pending.then(() => this.out.line(line));
    // Said when `written` is awaited.
    this.pending.catch(() => undefined);
  }
}

function describe(event: Exclude<TrainEvent, { type: 'preparing' | 'step' | 'error' }>): string {
  switch (event.type) {
    case 'manifest': {
      const reasons = event.leftOut.map(({ reason, files }) => `${files} ${left[reason] ?? reason}`).join(', ');
      return `${event.files} files, ${size(event.bytes)}${reasons ? `; left out: ${reasons}` : ''}`;
    }
    case 'tokenizer':
      return `Tokenizer of ${event.vocabSize} entries, ${event.bytesPerToken.toFixed(2)} bytes per token`;
    case 'start': {
      const { parameters, steps, tokensPerStep, warmup, backend, memoryBytes } = event;
      const rising = warmup ? `, ${warmup} of them warm-up` : '';
      return `${(parameters / 1e6).toFixed(2)} M parameters, ${steps} steps of ${tokensPerStep} tokens${rising}, about ${size(memoryBytes)} of memory; ${backend}`;
    }
    case 'eval':
      return `step ${event.step}: ${losses(event)}`;
    case 'sample':
      return `step ${event.step}: ${quote(event.prompt)} goes on ${quote(event.text)}`;
    case 'checkpoint':
      return `step ${event.step}: saved ${event.path}`;
    case 'paused':
    case 'resumed':
      return `step ${event.step}: ${event.type}`;
    case 'baselines': {
      const counted = { singly: event.bytes1, 'two together': event.bytes2, three: event.trigram, five: event.fivegram };
      const known = Object.entries(counted).flatMap(([how, value]) => (value === undefined ? [] : `${value.toFixed(3)} ${how}`));
      return (
        `To compare with, in bits per byte of the held-out text: ${event.uniform.toFixed(3)} where every token is as likely as any other, ` +
        `${event.unigram.toFixed(3)} by how often each occurs; by counting bytes, ${known.join(', ')}`
      );
    }
    case 'warning':
      return event.message;
    case 'done':
      return `${event.stopped ? 'Stopped at' : 'Done after'} ${event.steps} steps: ${losses(event)}${event.digest ? `; curve ${event.digest}` : ''}`;
  }
}

/** A measurement of speed never comes out twice alike: how to have the same run again. */
function fitted({ steps, warmup }: TrainEvent & { type: 'start' }, minutes: number): string {
  const again = warmup === undefined ? `--steps ${steps}` : `--steps ${steps} --warmup ${warmup}`;
  return `So many steps fit into ${minutes} min at the speed that was just measured; ${again} instead of --minutes trains the same again`;
}

function losses({ loss, valLoss, bitsPerByte }: { loss: number; valLoss: number; bitsPerByte: number }): string {
  return `loss ${loss.toFixed(4)} nats per token, on held-out text ${valLoss.toFixed(4)} (${bitsPerByte.toFixed(4)} bits per byte)`;
}

const preparing = {
  corpus: (done: number) => `reading the files: ${size(done)}`,
  tokenizer: (done: number) => `learning the tokenizer: ${done} merges`,
  tokens: (done: number) => `encoding: ${size(done)}`,
};
