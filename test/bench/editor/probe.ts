/** Runs in the extension host beside the extension: tells what its thread has cost, records it, and opens an empty panel to compare with. */
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import * as vscode from 'vscode';
import type { ForTests } from '../../../src/host/forTests';
import { type HostBlocks, longestTurn, recordHost } from '../../support/hostBlocks';

export interface Probed {
  /** Processor time of the extension host's main thread, in ms. */
  readonly cpuMs: number;
  /** null before the extension is active. */
  readonly activationMs: number | null;
}

/** What a recording saw: our longest turn in ms and in words, and our share of what the thread did. */
export interface Recorded {
  readonly longestMs: number;
  readonly words: string;
  readonly oursMs: number;
  readonly busyMs: number;
}

export function activate(context: vscode.ExtensionContext): void {
  let recording: { stop(): Promise<HostBlocks> } | undefined;
  const answers: Record<string, () => Promise<Probed | Recorded | object>> = {
    '/': async () => {
      const { user, system } = process.threadCpuUsage();
      const found = vscode.extensions.getExtension<ForTests>('llm-loupe.llm-loupe');
      return { cpuMs: (user + system) / 1000, activationMs: found?.isActive ? found.exports.activationMs : null };
    },
    '/record': async () => {
      recording = await recordHost();
      return {};
    },
    '/stop': async () => {
      const blocks = await recording!.stop();
      const { oursMs, busyMs } = blocks;
      return { longestMs: blocks.turns[0]?.ms ?? 0, words: longestTurn(blocks), oursMs, busyMs };
    },
  };
  const server = createServer((request, response) => {
    void answers[request.url ?? '/']!().then((answer) => response.end(JSON.stringify(answer)));
  });
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    if (address !== null && typeof address !== 'string') writeFileSync(process.env.LOUPE_PROBE!, String(address.port));
  });
  context.subscriptions.push(
    { dispose: () => server.close() },
    vscode.commands.registerCommand('probe.emptyPanel', () => {
      const where = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
      const panel = vscode.window.createWebviewPanel('probe', 'Empty', where, { enableScripts: true });
      panel.webview.html = '<!DOCTYPE html><html><body><canvas class="matrix-cells" data-geometry="">.</canvas><p>empty</p></body></html>';
    }),
  );
}
