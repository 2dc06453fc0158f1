/** Results go to standard output, everything else to standard error; a progress bar only where a person looks on. */
import { toJson } from './numbers';

export class Output {
  private bar = '';
  private drawn = 0;

  constructor(
    readonly json: boolean,
    readonly quiet: boolean,
  ) {}

  /** Waits where the reader is slower than we are. */
  write(data: string | Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      process.stdout.write(data, (error) => (error ? reject(error) : resolve()));
    });
  }

  line(text: string): Promise<void> {
    return this.write(`${text}\n`);
  }

  /** One JSON document. */
  document(value: unknown): Promise<void> {
    return this.line(toJson(value));
  }

  /** What happens meanwhile. */
  log(text: string): void {
    if (this.quiet) return;
    this.clear();
    process.stderr.write(`${text}\n`);
    this.draw();
  }

  /** @param done 0 to 1 */
  progress(done: number, text: string): void {
    if (this.quiet || !process.stderr.isTTY) return;
    const width = 24;
    const full = Math.round(Math.max(0, Math.min(1, done)) * width);
    this.bar = `${'█'.repeat(full)}${'░'.repeat(width - full)} ${text}`.slice(0, (process.stderr.columns ?? 80) - 1);
    const now = performance.now();
    if (now - this.drawn < 100) return;
    this.drawn = now;
    this.draw();
  }

  /** Takes the bar away. */
  end(): void {
    this.clear();
    this.bar = '';
  }

  private clear(): void {
    if (this.bar) process.stderr.write('\r\x1b[K');
  }

  private draw(): void {
    if (this.bar) process.stderr.write(`\r\x1b[K${this.bar}`);
  }
}

/** Columns of a table, aligned; numbers to the right. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = [head, ...rows.map((row) => row.map((cell) => (typeof cell === 'number' ? String(cell) : cell)))];
  const widths = head.map((_, column) => cells.reduce((most, row) => Math.max(most, row[column]!.length), 0));
  const right = head.map((_, column) => rows.every((row) => /^[-\d.e+∞]*$/.test(String(row[column]))));
  return cells
    .map((row) =>
      row
        .map((cell, column) => (right[column] ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** `12.3 kB`, in powers of 1000. */
export function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  for (; bytes >= 999.5 && unit + 1 < units.length; unit++) bytes /= 1000;
  return `${unit === 0 || bytes >= 100 ? Math.round(bytes) : bytes.toFixed(1)} ${units[unit]}`;
}

/** `1 h 02 min`, `3 min 20 s`, `4 s`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (n: number) => String(n).padStart(2, '0');
  if (whole >= 3600) return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
  return whole >= 60 ? `${Math.floor(whole / 60)} min ${two(whole % 60)} s` : `${whole} s`;
}

/** A token's text as it is shown in a line: quoted, control characters escaped. */
export function quote(text: string | null, bytes?: ArrayLike<number>): string {
  if (text !== null) return JSON.stringify(text).replace(/[\u007f-\u009f\u200b-\u200f\u2028-\u202e\ufeff]/g, escapeUnit);
  return Array.from(bytes ?? [], (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
