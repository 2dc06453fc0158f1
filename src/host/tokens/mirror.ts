/**
 * Copies of documents in the text realm, kept up to date change by change, so that the tokens of a large document are
 * computed incrementally. A copy that is lost (the realm ended) is sent again. A long text is sent in pieces, so that
 * the extension host is never busy with it for long; what is typed meanwhile goes between them.
 */
import { setImmediate as breath } from 'node:timers/promises';
import * as vscode from 'vscode';
import { LoupeError } from '../../core/errors';
import type { EncodedText } from '../../core/tokenizer/types';
import type { TextChange, TokenizerRef } from '../../protocol/engine';
import type { EngineService } from '../services/engine';
import type { OffsetRange } from '../services/offsets';
import { isForeignEol, moved, newlines } from './edits';

/** UTF-16 units that are sent in one go, and lines: under a millisecond. */
const pieceLength = 1 << 16;
const pieceLines = 1 << 11;

/** What is known of the copy of a document. */
class Copy {
  lines: number;
  readonly eol: vscode.EndOfLine;
  /** How much of it the realm has; null for all of it. */
  sent: { length: number; end: vscode.Position } | null = { length: 0, end: new vscode.Position(0, 0) };
  sending: Promise<void> | undefined;
  /** Nobody wants it any more. */
  closed = false;
  failure: unknown;

  constructor({ lineCount, eol }: vscode.TextDocument) {
    this.lines = lineCount;
    this.eol = eol;
  }
}

export class Mirror implements vscode.Disposable {
  private readonly copies = new Map<string, Copy>();
  private readonly subscriptions: vscode.Disposable[];

  constructor(private readonly engine: EngineService) {
    this.subscriptions = [
      vscode.workspace.onDidChangeTextDocument((change) => this.change(change)),
      vscode.workspace.onDidCloseTextDocument((document) => this.close(document)),
      engine.onDied(({ realm }) => {
        if (realm === 'text') this.copies.clear();
      }),
    ];
  }

  /** Tokens that touch the ranges, as in the whole document at `version`; null when that is no longer its version. */
  tokens(document: vscode.TextDocument, version: number, tokenizer: TokenizerRef, ranges: OffsetRange[]): Promise<EncodedText[] | null> {
    return this.ask(document, version, (uri) => this.engine.text.documentTokens({ uri, version, tokenizer, ranges }));
  }

  /** Of the whole document at `version`; null when that is no longer its version. A newer question takes the place of this one. */
  count(
    document: vscode.TextDocument,
    version: number,
    tokenizers: TokenizerRef[],
  ): Promise<{ counts: number[]; characters: number } | null> {
    const latest = { latest: 'count' };
    return this.ask(document, version, (uri) => this.engine.text.countDocument({ uri, version, tokenizers }, latest));
  }

  private async ask<T>(document: vscode.TextDocument, version: number, question: (uri: string) => Promise<T | null>): Promise<T | null> {
    const uri = document.uri.toString();
    for (let attempt = 0; ; attempt++) {
      try {
        if (!(await this.open(document)) || document.version !== version) return null;
        const answer = await question(uri);
        if (document.version !== version) return null;
        if (answer || attempt > 0) return answer;
      } catch (error) {
        const lost = error instanceof LoupeError && (error.code === 'view.gone' || error.code === 'realm.died');
        if (!lost || attempt > 0 || document.isClosed) throw error;
      }
      this.copies.delete(uri);
    }
  }

  close(document: vscode.TextDocument): void {
    const uri = document.uri.toString();
    const copy = this.copies.get(uri);
    if (!copy) return;
    copy.closed = true;
    this.copies.delete(uri);
    void this.engine.text.closeDocument({ uri }).catch(() => {});
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  /** Once the realm has the whole document: true, or false where it was closed meanwhile. Throws what the realm threw. */
  private async open(document: vscode.TextDocument): Promise<boolean> {
    for (;;) {
      if (document.isClosed) return false;
      const uri = document.uri.toString();
      const copy = this.copies.get(uri) ?? new Copy(document);
      if (!this.copies.has(uri)) {
        this.copies.set(uri, copy);
        copy.sending = this.send(document, uri, copy);
      }
      await copy.sending;
      if (copy.failure !== undefined) throw copy.failure;
      if (copy.sent === null) return true;
      if (copy.closed) return false;
    }
  }

  /** Ends early when the copy is lost meanwhile. */
  private async send(document: vscode.TextDocument, uri: string, copy: Copy): Promise<void> {
    const sent = copy.sent!;
    // In a turn of its own where it is long: whoever asked has worked in this one.
    if (document.lineCount > pieceLines) await breath();
    const failed = (error: unknown) => {
      copy.failure = error;
      this.lose(uri, copy);
    };
    for (let first = true; ; first = false) {
      const end = pieceEnd(document, sent.end);
      const text = document.getText(new vscode.Range(sent.end, end));
      const { version } = document;
      const { text: realm } = this.engine;
      if (first) realm.openDocument({ uri, version, text }).catch(failed);
      else realm.changeDocument({ uri, version, changes: [{ offset: sent.length, length: 0, text }] }).catch(failed);
      sent.length += text.length;
      sent.end = end;
      const last = document.lineCount - 1;
      if (end.line === last && end.character === document.lineAt(last).text.length) break;
      await breath();
      if (this.copies.get(uri) !== copy) return;
    }
    copy.sent = null;
  }

  private change({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    const uri = document.uri.toString();
    const copy = this.copies.get(uri);
    if (!copy || contentChanges.length === 0) return;
    // VS Code gives the changes from the last place to the first: applied in this order, no place moves.
    const changes: TextChange[] = [];
    let follows = document.eol === copy.eol;
    for (const change of contentChanges) {
      const { rangeOffset: offset, rangeLength, range, text } = change;
      follows &&= text.length <= pieceLength && !isForeignEol(text, document.eol === vscode.EndOfLine.CRLF);
      if (!follows) break;
      copy.lines += newlines(text) - (range.end.line - range.start.line);
      const { sent } = copy;
      // What was not sent yet will be sent as it is then.
      if (sent && offset >= sent.length) continue;
      // An edit across the end of what was sent makes a new end of it.
      const across = sent !== null && offset + rangeLength > sent.length;
      const length = across ? sent.length - offset : rangeLength;
      changes.push({ offset, length, text });
      if (!sent) continue;
      sent.length += text.length - length;
      const { line, character } = moved(across ? range.end : sent.end, range, text);
      sent.end = new vscode.Position(line, character);
    }
    if (!follows || copy.lines !== document.lineCount) {
      // Line endings were changed on the way, or too much at once: the whole text is sent again when it is next needed.
      this.lose(uri, copy);
      return;
    }
    if (changes.length === 0) return;
    void this.engine.text.changeDocument({ uri, version: document.version, changes }).catch(() => this.lose(uri, copy));
  }

  private lose(uri: string, copy: Copy): void {
    if (this.copies.get(uri) === copy) this.copies.delete(uri);
  }
}

/** Where a piece ends that begins at a place: at the end of a line, or inside one that is long itself. */
function pieceEnd(document: vscode.TextDocument, { line: first, character: from }: vscode.Position): vscode.Position {
  const last = Math.min(document.lineCount, first + pieceLines) - 1;
  let room = pieceLength;
  for (let line = first; ; line++) {
    const begin = line === first ? from : 0;
    const { length } = document.lineAt(line).text;
    if (length - begin > room) return new vscode.Position(line, begin + room);
    room -= length - begin + 2;
    if (line === last || room <= 0) return new vscode.Position(line, length);
  }
}
