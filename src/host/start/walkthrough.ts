/**
 * VS Code's own walkthrough is told by context keys what to tick. It looks only once its page is opened for the first time, takes
 * what is true by then as known without ticking it, and later hears of changes alone. So one more key, `told`, goes on and off: when
 * a step was done, and when a page opened that may be the walkthrough.
 */
import * as vscode from 'vscode';
import { type StartStep, startSteps } from '../../protocol/panels';

const key = (step: StartStep | 'told') => `llmLoupe.start.${step}`;
/** After a page has opened: VS Code may take seconds to read its walkthroughs. */
const againMs = [0, 1_000, 6_000];

export class Walkthrough implements vscode.Disposable {
  private timers: NodeJS.Timeout[] = [];
  private readonly subscription = vscode.window.tabGroups.onDidChangeTabs(({ opened, changed }) => {
    // Its page is neither a text nor a panel: tabs say nothing more of it.
    if (![...opened, ...changed].some(({ input }) => input === undefined)) return;
    this.stop();
    this.timers = againMs.map((ms) => setTimeout(() => this.tell(), ms));
  });

  constructor() {
    // This alone makes it appear in VS Code's list, and not at installation.
    setContext('llmLoupe.active', true);
  }

  show(done: readonly StartStep[]): void {
    for (const step of startSteps) setContext(key(step), done.includes(step));
    this.tell();
  }

  dispose(): void {
    this.stop();
    this.subscription.dispose();
  }

  private tell(): void {
    setContext(key('told'), true);
    setContext(key('told'), false);
  }

  private stop(): void {
    for (const timer of this.timers) clearTimeout(timer);
  }
}

function setContext(name: string, value: boolean): void {
  void vscode.commands.executeCommand('setContext', name, value);
}
