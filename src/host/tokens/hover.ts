/** Hover on a painted token: id, bytes, text, rank, how it was merged, and its probability by the active model. */
import * as vscode from 'vscode';
import { locale } from '../services/locale';
import type { Services } from '../services/services';
import type { Painter, ShownTokens } from './painter';
import { fragmentPlace, type TokenFacts, tokenLines } from './text';

/** Characters before the token that the model reads for its probability: more than a small model's context. */
const contextLength = 4_000;

export class TokenHover implements vscode.HoverProvider {
  constructor(
    private readonly services: Services,
    private readonly painter: Painter,
    private readonly tokenizerName: (ref: string) => Promise<string>,
  ) {}

  async provideHover(document: vscode.TextDocument, position: vscode.Position, cancel: vscode.CancellationToken) {
    const found = this.painter.at(document, document.offsetAt(position));
    if (found.length === 0) return undefined;
    const abort = new AbortController();
    const subscription = cancel.onCancellationRequested(() => abort.abort());
    try {
      const facts = await Promise.all(found.map((each) => this.facts(document, each, abort.signal)));
      const first = found[0]!;
      return new vscode.Hover(facts.map(markdown), this.range(document, first));
    } catch (error) {
      this.services.log.debug(`hover: ${error instanceof Error ? error.message : error}`);
      return undefined;
    } finally {
      subscription.dispose();
    }
  }

  private range(document: vscode.TextDocument, { tokens, base, index }: ShownTokens & { index: number }): vscode.Range {
    return new vscode.Range(document.positionAt(base + tokens.start[index]!), document.positionAt(base + tokens.end[index]!));
  }

  private async facts(document: vscode.TextDocument, shown: ShownTokens & { index: number }, signal: AbortSignal): Promise<TokenFacts> {
    const { tokens, base, tokenizer, index } = shown;
    const { engine } = this.services;
    const slice = (start: number, end: number) =>
      document.getText(new vscode.Range(document.positionAt(base + start), document.positionAt(base + end)));
    const [info, name, probability] = await Promise.all([
      engine.text.token({ tokenizer, id: tokens.ids[index]! }, { signal }),
      this.tokenizerName(tokenizer),
      this.probability(document, shown, signal).catch(() => null),
    ]);
    return { info, tokenizer: name, fragment: fragmentPlace(tokens, index, slice), probability };
  }

  /** Only where the token is the active model's and whole: what the model gives it after the text before it. */
  private async probability(
    document: vscode.TextDocument,
    shown: ShownTokens & { index: number },
    signal: AbortSignal,
  ): Promise<TokenFacts['probability']> {
    const { tokens, index, tokenizer } = shown;
    const model = this.services.models.current;
    if (tokenizer !== model.ref || tokens.fragment[index]) return null;
    const place = this.range(document, shown);
    const from = document.positionAt(Math.max(0, document.offsetAt(place.start) - contextLength));
    const context = document.getText(new vscode.Range(from, place.start));
    const scored = await this.services.engine.inspect.score(
      { model: model.ref, context, text: document.getText(place) },
      { signal, latest: 'hover' },
    );
    // The context may end inside what the tokenizer would join: then this is another token, and its score says nothing here.
    if (scored.tokens.ids.length !== 1 || scored.tokens.ids[0] !== tokens.ids[index]) return null;
    return { model: model.name, share: Math.exp(scored.scores.logprob[0]!), rank: scored.scores.rank[0]! };
  }
}

function markdown(facts: TokenFacts): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  for (const [label, value] of tokenLines(facts, locale())) {
    text.appendMarkdown(`**${label}** ${value}  \n`);
  }
  return text;
}
