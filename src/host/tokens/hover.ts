/** Hover on a painted token: id, bytes, text, rank, how it was merged, and its probability by the active model. */
import * as vscode from 'vscode';
import { locale } from '../services/locale';
import { placeBefore } from '../services/offsets';
import { Places } from '../services/places';
import type { Services } from '../services/services';
import { range as rangeOf } from './decorations';
import type { Painter, ShownTokens } from './painter';
import { fragmentPlace, type TokenFacts, tokenLines } from './text';

/** Characters before the token that the model reads for its probability: more than a small model's context. */
const contextLength = 4_000;
/** UTF-16 units of what people see as one character, at most. */
const longestCharacter = 64;

export class TokenHover implements vscode.HoverProvider {
  constructor(
    private readonly services: Services,
    private readonly painter: Painter,
    private readonly tokenizerName: (ref: string) => Promise<string>,
  ) {}

  async provideHover(document: vscode.TextDocument, position: vscode.Position, cancel: vscode.CancellationToken) {
    const found = this.painter.at(document, position).map((shown) => new Token(document, shown));
    if (found.length === 0) return undefined;
    const abort = new AbortController();
    const subscription = cancel.onCancellationRequested(() => abort.abort());
    try {
      const facts = await Promise.all(found.map((each) => this.facts(each, abort.signal)));
      return new vscode.Hover(
        facts.map((each, i) => markdown(each, found[i]!)),
        found[0]!.range,
      );
    } catch (error) {
      this.services.log.debug(`hover: ${error instanceof Error ? error.message : error}`);
      return undefined;
    } finally {
      subscription.dispose();
    }
  }

  private async facts(token: Token, signal: AbortSignal): Promise<TokenFacts> {
    const { tokens, tokenizer, index } = token.shown;
    const [info, name, probability] = await Promise.all([
      this.services.engine.text.token({ tokenizer, id: tokens.ids[index]! }, { signal }),
      this.tokenizerName(tokenizer),
      this.probability(token, signal).catch(() => null),
    ]);
    return { info, tokenizer: name, fragment: fragmentPlace(tokens, index, token.slice), probability };
  }

  /** Only where the token is the active model's and whole: what the model gives it after the text before it. */
  private async probability({ document, range, shown }: Token, signal: AbortSignal): Promise<TokenFacts['probability']> {
    const { tokens, index, tokenizer } = shown;
    const model = this.services.models.current;
    if (tokenizer !== model.ref || tokens.fragment[index]) return null;
    const context = document.getText(new vscode.Range(placeBefore(document, range.start, contextLength), range.start));
    const scored = await this.services.engine.inspect.score(
      { model: model.ref, context, text: document.getText(range) },
      { signal, latest: 'hover' },
    );
    // The context may end inside what the tokenizer would join: then this is another token, and its score says nothing here.
    if (scored.tokens.ids.length !== 1 || scored.tokens.ids[0] !== tokens.ids[index]) return null;
    return { model: model.name, share: Math.exp(scored.scores.logprob[0]!), rank: scored.scores.rank[0]! };
  }
}

/** A token that is painted, and the text around it: offsets of a whole document would cost the extension host much. */
class Token {
  readonly range: vscode.Range;
  private readonly text: string;
  /** Where `text` begins, in the count of the tokens' spans. */
  private readonly offset: number;

  constructor(
    readonly document: vscode.TextDocument,
    readonly shown: ShownTokens & { index: number },
  ) {
    const { tokens, range, index } = shown;
    // A piece of a long line may begin inside a token.
    const before = Math.min(range.start.character, longestCharacter);
    const from = range.start.translate(0, -before);
    const to = document.validatePosition(range.end.translate(0, longestCharacter));
    this.text = document.getText(new vscode.Range(from, to));
    this.offset = shown.offset - before;
    const places = new Places(this.text, from);
    const place = (offset: number) => places.at(Math.min(this.text.length, Math.max(0, offset - this.offset)));
    this.range = rangeOf({ start: place(tokens.start[index]!), end: place(tokens.end[index]!) });
  }

  slice = (start: number, end: number): string => this.text.slice(Math.max(0, start - this.offset), Math.max(0, end - this.offset));
}

function markdown(facts: TokenFacts, { document, range, shown }: Token): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  text.isTrusted = { enabledCommands: ['llmLoupe.showMerges'] };
  for (const [label, value] of tokenLines(facts, locale())) {
    text.appendMarkdown(`**${label}** ${value}  \n`);
  }
  if (facts.info.path.length > 0) {
    const asked = { text: document.getText(range), tokenizer: shown.tokenizer, token: facts.info.id };
    // What `encodeURIComponent` leaves would end a link of Markdown.
    const query = encodeURIComponent(JSON.stringify([asked])).replace(/[()]/g, (sign) => (sign === '(' ? '%28' : '%29'));
    const link = `command:llmLoupe.showMerges?${query}`;
    text.appendMarkdown(`[${vscode.l10n.t('Show its merges')}](${link} "${vscode.l10n.t('Show Merges')}")`);
  }
  return text;
}
