/**
 * Copies of documents in the text realm, kept up to date change by change, so that the tokens of a large document are
 * computed incrementally. A copy that is lost (the realm ended) is sent again. A long text is sent in pieces, so that
 * the extension host is never busy with it for long.
 */
import { setImmediate as breath } from 'node:timers/promises';
import * as vscode from 'vscode';
import { LoupeError } from '../../core/errors';
import type { EncodedText } from '../../core/tokenizer/types';
import type { TokenizerRef } from '../../protocol/engine';
import type { EngineService } from '../services/engine';

export interface OffsetRange {
  readonly start: number;
  readonly end: number;
}

/** UTF-16 units that are sent in one go: a few milliseconds at most. */
const pieceLength = 1 << 19;
/** Somebody who types on and on while a long text is sent: then it goes in one piece. */
const patience = 5;

export class Mirror implements vscode.Disposable {
  /** Length in characters of each copy: what an edit must lead to. */
  private readonly lengths = new Map<string, number>();
  /** Copies that are being sent. */
  private readonly opening = new Map<string, Promise<void>>();
  private readonly subscriptions: vscode.Disposable[];

  constructor(private readonly engine: EngineService) {
    this.subscriptions = [
      vscode.workspace.onDidChangeTextDocument((change) => this.change(change)),
      vscode.workspace.onDidCloseTextDocument((document) => this.close(document)),
      engine.onDied(({ realm }) => {
        if (realm === 'text') this.lengths.clear();
      }),
    ];
  }

  /** Tokens that touch the ranges, as in the whole document; null when it changed meanwhile. */
  async tokens(document: vscode.TextDocument, tokenizer: TokenizerRef, ranges: OffsetRange[]): Promise<EncodedText[] | null> {
    const { version } = document;
    const uri = document.uri.toString();
    for (let attempt = 0; ; attempt++) {
      try {
        if (!this.lengths.has(uri)) await this.open(document);
        if (document.version !== version) return null;
        const tokens = await this.engine.text.documentTokens({ uri, version, tokenizer, ranges });
        if (document.version !== version) return null;
        if (tokens || attempt > 0) return tokens;
      } catch (error) {
        const lost = error instanceof LoupeError && (error.code === 'view.gone' || error.code === 'realm.died');
        if (!lost || attempt > 0 || document.isClosed) throw error;
      }
      this.lengths.delete(uri);
    }
  }

  close(document: vscode.TextDocument): void {
    const uri = document.uri.toString();
    if (this.lengths.delete(uri)) void this.engine.text.closeDocument({ uri }).catch(() => {});
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private open(document: vscode.TextDocument): Promise<void> {
    const uri = document.uri.toString();
    let opening = this.opening.get(uri);
    if (!opening) {
      opening = this.send(document, uri).finally(() => this.opening.delete(uri));
      this.opening.set(uri, opening);
    }
    return opening;
  }

  private async send(document: vscode.TextDocument, uri: string): Promise<void> {
    for (let tries = 0; !(await this.sendOnce(document, uri, tries < patience ? pieceLength : Number.POSITIVE_INFINITY)); tries++);
  }

  /** False when the document changed meanwhile: then it begins again. */
  private async sendOnce(document: vscode.TextDocument, uri: string, piece: number): Promise<boolean> {
    const { version } = document;
    const end = document.lineAt(document.lineCount - 1).range.end;
    const length = document.offsetAt(end);
    const lost = () => this.lengths.delete(uri);
    let sent = 0;
    let from = new vscode.Position(0, 0);
    do {
      if (sent > 0) {
        await breath();
        if (document.version !== version) return false;
      }
      const to = sent + piece < length ? document.positionAt(sent + piece) : end;
      const text = document.getText(new vscode.Range(from, to));
      const { text: realm } = this.engine;
      if (sent === 0) realm.openDocument({ uri, version, text }).catch(lost);
      else realm.changeDocument({ uri, version, changes: [{ offset: sent, length: 0, text }] }).catch(lost);
      sent += text.length;
      from = to;
    } while (from.isBefore(end));
    if (document.isClosed) void this.engine.text.closeDocument({ uri }).catch(() => {});
    else this.lengths.set(uri, sent);
    return true;
  }

  private change({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    const uri = document.uri.toString();
    const length = this.lengths.get(uri);
    if (length === undefined || contentChanges.length === 0) return;
    // VS Code gives the changes from the last place to the first: applied in this order, no offset moves.
    const changes = contentChanges.map(({ rangeOffset, rangeLength, text }) => ({ offset: rangeOffset, length: rangeLength, text }));
    const expected = changes.reduce((sum, each) => sum + each.text.length - each.length, length);
    const actual = document.offsetAt(document.lineAt(document.lineCount - 1).range.end);
    if (expected !== actual) {
      // Line endings were changed on the way: send the whole text again when it is next needed.
      this.lengths.delete(uri);
      return;
    }
    this.lengths.set(uri, actual);
    void this.engine.text.changeDocument({ uri, version: document.version, changes }).catch(() => this.lengths.delete(uri));
  }
}
