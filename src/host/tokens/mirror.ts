/**
 * Copies of documents in the text realm, kept up to date change by change, so that the tokens of a large document are
 * computed incrementally. A copy that is lost (the realm ended) is sent again.
 */
import * as vscode from 'vscode';
import { LoupeError } from '../../core/errors';
import type { EncodedText } from '../../core/tokenizer/types';
import type { TokenizerRef } from '../../protocol/engine';
import type { EngineService } from '../services/engine';

export interface OffsetRange {
  readonly start: number;
  readonly end: number;
}

export class Mirror implements vscode.Disposable {
  /** Length in characters of each copy: what an edit must lead to. */
  private readonly lengths = new Map<string, number>();
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
        if (!this.lengths.has(uri)) this.open(document);
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

  private open(document: vscode.TextDocument): void {
    const text = document.getText();
    const uri = document.uri.toString();
    this.lengths.set(uri, text.length);
    void this.engine.text.openDocument({ uri, version: document.version, text }).catch(() => this.lengths.delete(uri));
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
