/** Asks the inspect realm how surprised a model is by pieces of documents; a document's text is sent once for each version. */
import type * as vscode from 'vscode';
import { LoupeError } from '../../core/errors';
import type { ModelRef, Surprise } from '../../protocol/engine';
import type { EngineService } from '../services/engine';
import type { OffsetRange } from '../services/offsets';
import { prepareOffsets } from '../services/offsets';

/** UTF-16 units: a longer text would have to be tokenized from its beginning at every key. */
export const longestText = 1 << 20;

export class Scores {
  /** The version that the realm was last sent. */
  private readonly sent = new WeakMap<vscode.TextDocument, number>();

  constructor(private readonly engine: EngineService) {}

  /**
   * `whole`: and all tokens that were scored with those of the ranges. Null where the document was edited meanwhile. Throws
   * `surprise.tooLong`, `cancelled`, and what the model throws.
   */
  async of(
    document: vscode.TextDocument,
    model: ModelRef,
    ranges: OffsetRange[],
    whole: boolean,
    signal: AbortSignal,
  ): Promise<Surprise | null> {
    const { version } = document;
    const uri = document.uri.toString();
    for (const known of [this.sent.get(document) === version, false]) {
      const text = known ? null : await wholeText(document);
      if (document.version !== version) return null;
      const found = await this.engine.inspect.surprise({ model, uri, version, text, ranges, whole }, { signal });
      this.sent.set(document, version);
      if (document.version !== version) return null;
      if (found) return found;
    }
    return null;
  }

  /** Has what lies around a place computed before anybody looks there, unless a training wants the processors. */
  async ahead(document: vscode.TextDocument, model: ModelRef, place: number, signal: AbortSignal): Promise<void> {
    const { version } = document;
    if (this.engine.training || this.sent.get(document) !== version) return;
    await this.engine.inspect.surpriseAhead({ model, uri: document.uri.toString(), version, place }, { signal });
  }
}

async function wholeText(document: vscode.TextDocument): Promise<string> {
  await prepareOffsets(document);
  const last = document.lineAt(document.lineCount - 1);
  const length = document.offsetAt(last.range.end);
  if (length > longestText) throw new LoupeError('surprise.tooLong', { length, limit: longestText });
  return document.getText();
}
