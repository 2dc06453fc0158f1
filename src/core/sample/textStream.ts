/**
 * Text out of token bytes as they come: a character is given when it is whole, and nothing is given that could still
 * become a stop text. The stop text itself is never given.
 */
export class TextStream {
  private readonly decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  private readonly stops: readonly string[];
  private held = '';
  stopped = false;

  constructor(stops: readonly string[]) {
    this.stops = stops.filter((stop) => stop !== '');
  }

  /** The text that these bytes complete. After a stop text was met, `stopped` is true and nothing more comes. */
  push(bytes: Uint8Array): string {
    if (this.stopped) return '';
    const text = this.held + this.decoder.decode(bytes, { stream: true });
    const met = this.stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
    if (met.length > 0) {
      this.stopped = true;
      return text.slice(0, Math.min(...met));
    }
    const sure = text.length - this.possibleStop(text);
    this.held = text.slice(sure);
    return text.slice(0, sure);
  }

  /** What was held back and turns out to be no stop text. Bytes of an unfinished character are dropped. */
  end(): string {
    const text = this.stopped ? '' : this.held;
    this.held = '';
    return text;
  }

  /** Length of the longest end of the text that begins a stop text. */
  private possibleStop(text: string): number {
    const longest = Math.max(0, ...this.stops.map((stop) => stop.length - 1));
    for (let length = Math.min(longest, text.length); length > 0; length--) {
      if (this.stops.some((stop) => stop.startsWith(text.slice(text.length - length)))) return length;
    }
    return 0;
  }
}
