import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { LoupeError } from '../../src/core/errors';
import { DocumentTokens } from '../../src/core/tokenizer/document';
import type { EngineService } from '../../src/host/services/engine';
import type { TextApi } from '../../src/protocol/engine';

/** Places as VS Code has them: a column counts UTF-16 units, an end of line of two characters is never cut. */
class Position {
  constructor(
    readonly line: number,
    readonly character: number,
  ) {}

  isBefore({ line, character }: Position): boolean {
    return this.line < line || (this.line === line && this.character < character);
  }
}
class Range {
  constructor(
    readonly start: Position,
    readonly end: Position,
  ) {}
}

const EndOfLine = { LF: 1, CRLF: 2 };
const listeners = { change: new Set<(change: unknown) => void>(), close: new Set<(document: unknown) => void>() };
const subscribe =
  <T>(set: Set<T>) =>
  (listener: T) => {
    set.add(listener);
    return { dispose: () => set.delete(listener) };
  };
vi.mock('vscode', () => ({
  Position,
  Range,
  EndOfLine,
  workspace: { onDidChangeTextDocument: subscribe(listeners.change), onDidCloseTextDocument: subscribe(listeners.close) },
}));
const { Mirror } = await import('../../src/host/tokens/mirror');

/** A document as VS Code mirrors it in the extension host: lines, and one end of line for all. */
class Document {
  version = 1;
  isClosed = false;
  readonly uri = { toString: () => 'file:///long.txt' };
  /** Longest text that was asked for at once. */
  longest = 0;
  private lines: string[];

  constructor(
    text: string,
    public eol = EndOfLine.CRLF,
  ) {
    this.lines = text.split(/\r\n|\n/);
  }

  private get end(): string {
    return this.eol === EndOfLine.CRLF ? '\r\n' : '\n';
  }

  get text(): string {
    return this.lines.join(this.end);
  }

  get lineCount(): number {
    return this.lines.length;
  }

  lineAt(line: number) {
    return { text: this.lines[line]! };
  }

  offsetAt({ line, character }: Position): number {
    return this.lines.slice(0, line).reduce((sum, each) => sum + each.length + this.end.length, character);
  }

  getText({ start, end }: Range): string {
    const lines = this.lines.slice(start.line, end.line + 1);
    lines[lines.length - 1] = lines.at(-1)!.slice(0, end.character);
    lines[0] = lines[0]!.slice(start.character);
    const text = lines.join(this.end);
    this.longest = Math.max(this.longest, text.length);
    return text;
  }

  /** Replaces pieces, the last one first, as VS Code does; `asTyped` tells of the text before its ends of lines were made the document's. */
  edit(edits: { range: Range; text: string; asTyped?: string }[]): void {
    const contentChanges = edits.map(({ range, text, asTyped }) => {
      const rangeOffset = this.offsetAt(range.start);
      const rangeLength = this.offsetAt(range.end) - rangeOffset;
      const fresh = text.split(/\r\n|\n/);
      fresh[0] = this.lines[range.start.line]!.slice(0, range.start.character) + fresh[0]!;
      fresh[fresh.length - 1] += this.lines[range.end.line]!.slice(range.end.character);
      this.lines.splice(range.start.line, range.end.line - range.start.line + 1, ...fresh);
      return { range, rangeOffset, rangeLength, text: asTyped ?? text };
    });
    this.version++;
    for (const tell of listeners.change) tell({ document: this, contentChanges });
  }

  type(line: number, character: number, text: string): void {
    const place = new Position(line, character);
    this.edit([{ range: new Range(place, place), text }]);
  }

  close(): void {
    this.isClosed = true;
    for (const tell of listeners.close) tell(this);
  }
}

/** A text realm that keeps a copy, and answers with nothing where it is the one that was asked for. */
class Realm {
  copy: { version: number; tokens: DocumentTokens; text: string } | null = null;
  messages = 0;
  /** Longest text of one message. */
  longest = 0;
  /** What every call rejects with. */
  failure: LoupeError | null = null;

  private took(...texts: string[]): void {
    this.messages++;
    this.longest = Math.max(this.longest, ...texts.map((text) => text.length));
    if (this.failure) throw this.failure;
  }

  readonly service = {
    onDied: () => ({ dispose: () => {} }),
    text: {
      openDocument: async ({ version, text }: TextApi['openDocument']['params']) => {
        this.took(text);
        this.copy = { version, tokens: new DocumentTokens(text), text };
      },
      changeDocument: async ({ version, changes }: TextApi['changeDocument']['params']) => {
        this.took(...changes.map(({ text }) => text));
        if (!this.copy) throw new LoupeError('view.gone');
        this.copy.tokens.edit(changes);
        for (const { offset, length, text } of changes)
          this.copy.text = this.copy.text.slice(0, offset) + text + this.copy.text.slice(offset + length);
        this.copy.version = version;
      },
      documentTokens: async ({ version }: TextApi['documentTokens']['params']) => {
        this.took();
        return this.copy?.version === version ? [] : null;
      },
      closeDocument: async () => {
        this.copy = null;
      },
    },
  } as unknown as EngineService;
}

const mirrors: InstanceType<typeof Mirror>[] = [];
afterEach(() => {
  for (const mirror of mirrors.splice(0)) mirror.dispose();
});

function opened(text: string, eol = EndOfLine.CRLF) {
  const document = new Document(text, eol);
  const realm = new Realm();
  const mirror = new Mirror(realm.service);
  mirrors.push(mirror);
  const tokens = () => mirror.tokens(document as never, document.version, 'starter', []);
  return { document, realm, mirror, tokens };
}

const megabytes = 'un mot et un autre\r\n'.repeat(40_000);
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('copies of documents', () => {
  test('a short text goes in one piece', async () => {
    const { realm, tokens } = opened('a\r\nb');
    expect(await tokens()).toEqual([]);
    expect(realm.messages).toBe(2);
    expect(realm.copy?.text).toBe('a\r\nb');
  });

  test('a long text goes in pieces and arrives whole, and once', async () => {
    const { document, realm, tokens } = opened(megabytes);
    const both = await Promise.all([tokens(), tokens()]);
    expect(both).toEqual([[], []]);
    expect(realm.messages).toBeGreaterThan(8);
    expect(Math.max(document.longest, realm.longest)).toBeLessThanOrEqual(1 << 16);
    expect(realm.copy?.text === megabytes).toBe(true);
    const { messages } = realm;
    expect(await tokens()).toEqual([]);
    expect(realm.messages).toBe(messages + 1);
  });

  test('a long line goes in pieces too', async () => {
    const { document, realm, tokens } = opened(`a\r\n${'😀'.repeat(200_001)}\r\nb`);
    expect(await tokens()).toEqual([]);
    expect(Math.max(document.longest, realm.longest)).toBeLessThanOrEqual(1 << 16);
    expect(realm.copy?.text === document.text).toBe(true);
  });

  test('what is typed while it goes is in it, and nothing is sent twice', async () => {
    const { document, realm, tokens } = opened(megabytes);
    const asked = tokens();
    await turn();
    await turn();
    document.type(0, 3, 'nouveau ');
    expect(await asked).toBeNull();
    document.type(0, 0, 'encore\r\n');
    document.type(39_000, 0, '!');
    expect(await tokens()).toEqual([]);
    expect(realm.copy?.text === document.text).toBe(true);
    expect(realm.messages).toBeLessThan(30);
  });

  test('edits at any time and place leave the copy equal', async () => {
    const place = fc.record({ line: fc.nat(), character: fc.nat() });
    const edit = fc.record({
      ...{ a: place, b: place, text: fc.constantFrom('', 'x', '\r\n', 'é\r\nfin', '\r\n\r\n', 'abc'), near: fc.boolean() },
      turns: fc.nat(2),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { maxLength: 8 }), async (edits) => {
        const { document, realm, tokens, mirror } = opened('ligne à ligne, mot à mot, et encore\r\n'.repeat(15_000));
        const asked = tokens();
        for (const { a, b, text, near, turns } of edits) {
          for (let i = 0; i < turns; i++) await turn();
          const at = ({ line, character }: { line: number; character: number }) => {
            const on = line % document.lineCount;
            return new Position(on, character % (document.lineAt(on).text.length + 1));
          };
          const start = at(a);
          // A few lines, or whatever lies between: also across what is just being sent.
          const end = near ? at({ line: Math.min(start.line + (b.line % 3), document.lineCount - 1), character: b.character }) : at(b);
          const forward = start.line < end.line || (start.line === end.line && start.character <= end.character);
          document.edit([{ range: forward ? new Range(start, end) : new Range(end, start), text }]);
        }
        await asked;
        expect(await tokens()).toEqual([]);
        expect(realm.copy?.text === document.text).toBe(true);
        expect(realm.messages).toBeLessThan(50);
        mirror.dispose();
      }),
      { numRuns: 40 },
    );
  });

  test('several places at once', async () => {
    const { document, realm, tokens } = opened('one two\nthree\nfour', EndOfLine.LF);
    await tokens();
    const at = (line: number, from: number, to: number) => new Range(new Position(line, from), new Position(line, to));
    document.edit([
      { range: at(2, 4, 4), text: '\nfive' },
      { range: at(1, 0, 5), text: '3' },
      { range: at(0, 3, 4), text: '\n' },
    ]);
    expect(await tokens()).toEqual([]);
    expect(realm.copy?.text).toBe('one\ntwo\n3\nfour\nfive');
    expect(realm.messages).toBe(4);
  });

  test('other ends of lines, and much text at once, send it again', async () => {
    const { document, realm, tokens } = opened('a\nb', EndOfLine.LF);
    await tokens();
    const end = new Position(1, 1);
    document.edit([{ range: new Range(end, end), text: '\nc', asTyped: '\r\nc' }]);
    expect(await tokens()).toEqual([]);
    expect(realm.copy?.text).toBe('a\nb\nc');
    document.eol = EndOfLine.CRLF;
    document.edit([{ range: new Range(new Position(0, 0), new Position(0, 1)), text: 'A' }]);
    expect(await tokens()).toEqual([]);
    expect(realm.copy?.text).toBe('A\r\nb\r\nc');
    document.type(0, 0, 'x'.repeat(300_000));
    expect(await tokens()).toEqual([]);
    expect(realm.longest).toBeLessThanOrEqual(1 << 16);
    expect(realm.copy?.text === document.text).toBe(true);
  });

  test('closed and asked for again while it goes, it arrives; a closed document gives nothing', async () => {
    const { document, realm, mirror, tokens } = opened(megabytes);
    const first = tokens();
    await turn();
    mirror.close(document as never);
    const second = tokens();
    expect(await first).toBeNull();
    expect(await second).toEqual([]);
    expect(realm.copy?.text === megabytes).toBe(true);
    mirror.close(document as never);
    const third = tokens();
    await turn();
    document.close();
    expect(await third).toBeNull();
    expect(realm.copy).toBeNull();
  });

  test('a realm that lost it is sent it again; one that cannot start is told once and again, not for ever', async () => {
    const { realm, tokens } = opened(megabytes);
    await tokens();
    realm.copy = null;
    expect(await tokens()).toEqual([]);
    expect(realm.copy).not.toBeNull();
    const other = opened(megabytes);
    other.realm.failure = new LoupeError('realm.died', { realm: 'text', reason: 'exit code 1' });
    await expect(other.tokens()).rejects.toThrow();
    expect(other.realm.messages).toBeLessThan(10);
  });
});
