/** Hover on a coloured token: what the model gave it, and what it expected instead. */
import * as vscode from 'vscode';
import { locale } from '../services/locale';
import type { Services } from '../services/services';
import type { ShownSurprise } from './painter';
import { surpriseLines } from './text';

export class SurpriseHover implements vscode.HoverProvider {
  constructor(
    private readonly services: Services,
    private readonly at: (document: vscode.TextDocument, place: vscode.Position) => ShownSurprise | null,
  ) {}

  async provideHover(document: vscode.TextDocument, place: vscode.Position, cancel: vscode.CancellationToken) {
    const shown = this.at(document, place);
    if (!shown) return undefined;
    const offset = document.offsetAt(place);
    const { tokens, scores, context } = shown.piece;
    const indexes = [...tokens.ids.keys()].filter((i) => tokens.start[i]! <= offset && tokens.end[i]! > offset);
    const [first] = indexes;
    if (first === undefined) return undefined;
    const abort = new AbortController();
    const subscription = cancel.onCancellationRequested(() => abort.abort());
    const text = new vscode.MarkdownString();
    try {
      for (const i of indexes) {
        const count = scores.top?.count ?? 0;
        const top = Uint32Array.of(tokens.ids[i]!, ...(scores.top?.ids.subarray(i * count, (i + 1) * count) ?? []));
        const [own, ...named] = await this.services.engine.text.tokens({ tokenizer: shown.model.ref, ids: top }, { signal: abort.signal });
        const lines = surpriseLines(
          {
            bytes: own!.bytes,
            logprob: scores.logprob[i]!,
            rank: scores.rank[i]!,
            top: named.map(({ bytes }, place) => ({
              bytes,
              logprob: scores.top!.logprobs[i * count + place]!,
              own: top[place + 1] === tokens.ids[i],
            })),
            context: context[i]!,
            subject: shown.model,
            before: shown.before && { logprob: shown.before.scores.logprob[i]!, rank: shown.before.scores.rank[i]! },
          },
          locale(),
        );
        text.appendMarkdown(`${lines.join('\n\n')}\n\n`);
      }
    } catch (error) {
      this.services.log.debug(`hover: ${error instanceof Error ? error.message : error}`);
      return undefined;
    } finally {
      subscription.dispose();
    }
    return new vscode.Hover(text, new vscode.Range(document.positionAt(tokens.start[first]!), document.positionAt(tokens.end[first]!)));
  }
}
