import { describe, expect, test, vi } from 'vitest';
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

const listeners = new Set<(change: unknown) => void>();
vi.mock('vscode', () => ({
  Position,
  Range,
  workspace: {
    onDidChangeTextDocument: (listener: (change: unknown) => void) => {
      listeners.add(listener);
      return { dispose: () => listeners.delete(listener) };
    },
    onDidCloseTextDocument: () => ({ dispose: () => {} }),
  },
}));
const { Mirror } = await import('../../src/host/tokens/mirror');

class Document {
  version = 1;
  isClosed = false;
  readonly uri = { toString: () => 'file:///long.txt' };
  /** Longest text that was asked for at once. */
  longest = 0;

  constructor(public text: string) {}

  get lineCount(): number {
    return this.text.split('\r\n').length;
  }

  lineAt(line: number) {
    return { range: { end: new Position(line, this.text.split('\r\n')[line]!.length) } };
  }

  offsetAt({ line, character }: Position): number {
    let offset = character;
    for (const each of this.text.split('\r\n').slice(0, line)) offset += each.length + 2;
    return offset;
  }

  positionAt(offset: number): Position {
    const before = this.text.slice(0, offset).split('\r\n');
    const inside = this.text[offset - 1] === '\r' && this.text[offset] === '\n' ? 1 : 0;
    return new Position(before.length - 1, before.at(-1)!.length - inside);
  }

  getText({ start, end }: Range): string {
    const text = this.text.slice(this.offsetAt(start), this.offsetAt(end));
    this.longest = Math.max(this.longest, text.length);
    return text;
  }

  type(offset: number, text: string): void {
    this.text = this.text.slice(0, offset) + text + this.text.slice(offset);
    this.version++;
    for (const tell of listeners) tell({ document: this, contentChanges: [{ rangeOffset: offset, rangeLength: 0, text }] });
  }
}

/** A text realm that keeps copies and answers with the length of the one that was asked for. */
class Realm {
  copy: { version: number; tokens: DocumentTokens; text: string } | null = null;
  messages = 0;

  readonly service = {
    onDied: () => ({ dispose: () => {} }),
    text: {
      openDocument: async ({ version, text }: TextApi['openDocument']['params']) => {
        this.messages++;
        this.copy = { version, tokens: new DocumentTokens(text), text };
      },
      changeDocument: async ({ version, changes }: TextApi['changeDocument']['params']) => {
        this.messages++;
        this.copy!.tokens.edit(changes);
        for (const { offset, length, text } of changes)
          this.copy!.text = this.copy!.text.slice(0, offset) + text + this.copy!.text.slice(offset + length);
        this.copy!.version = version;
      },
      documentTokens: async ({ version }: TextApi['documentTokens']['params']) => (this.copy?.version === version ? [] : null),
      closeDocument: async () => {},
    },
  } as unknown as EngineService;
}

function opened(text: string) {
  const document = new Document(text);
  const realm = new Realm();
  const mirror = new Mirror(realm.service);
  const tokens = () => mirror.tokens(document as never, 'starter', []);
  return { document, realm, mirror, tokens };
}

const megabytes = 'un mot et un autre\r\n'.repeat(80_000);

describe('copies of documents', () => {
  test('a short text goes in one piece', async () => {
    const { realm, tokens, mirror } = opened('a\r\nb');
    expect(await tokens()).toEqual([]);
    expect(realm.messages).toBe(1);
    expect(realm.copy?.text).toBe('a\r\nb');
    mirror.dispose();
  });

  test('a long text goes in pieces and arrives whole', async () => {
    const { document, realm, tokens, mirror } = opened(megabytes);
    expect(await tokens()).toEqual([]);
    expect(realm.messages).toBeGreaterThan(2);
    expect(document.longest).toBeLessThanOrEqual(1 << 19);
    expect(realm.copy?.text === megabytes).toBe(true);
    mirror.dispose();
  });

  test('what is typed while it goes is in it', async () => {
    const { document, realm, tokens, mirror } = opened(megabytes);
    const asked = tokens();
    document.type(3, 'nouveau ');
    expect(await asked).toBeNull();
    document.type(0, 'encore ');
    expect(await tokens()).toEqual([]);
    expect(realm.copy?.text === document.text).toBe(true);
    document.type(5, '!');
    expect(await tokens()).toEqual([]);
    expect(realm.copy?.text === document.text).toBe(true);
    mirror.dispose();
  });
});
