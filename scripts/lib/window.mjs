/**
 * Drives a window of VS Code from a script: palette, files, selections, panels. For measuring and for pictures; what a user
 * sees is tested in `test/ui`, which has a driver of its own.
 */
import { launchBrowser } from './tools.mjs';
import { folderUrl, startVsCode } from './vscode.mjs';

export class Window {
  constructor(vscode, browser, page, address) {
    this.vscode = vscode;
    this.browser = browser;
    this.page = page;
    this.address = address;
  }

  /** Starts VS Code on a folder. */
  static async start({ folder, width = 1280, height = 800, ...options }) {
    const vscode = await startVsCode(options);
    const browser = await launchBrowser();
    const page = await browser.newPage({ viewport: { width, height } });
    const window = new Window(vscode, browser, page, folderUrl(vscode.url, folder));
    await window.open();
    return window;
  }

  /** Opens the folder, or opens it again. */
  async open() {
    await this.page.goto(this.address);
    await this.page.locator('.monaco-workbench .explorer-folders-view').waitFor({ timeout: 60_000 });
    await this.status('starter').first().waitFor({ timeout: 60_000 });
  }

  async stop() {
    await this.browser.close();
    await this.vscode.stop();
  }

  input() {
    return this.page.locator('.quick-input-widget input.input');
  }

  picks(text) {
    return this.page.locator('.quick-input-list .monaco-list-row', text === undefined ? {} : { hasText: text });
  }

  async command(title) {
    await this.page.keyboard.press('F1');
    await this.input().waitFor();
    await this.input().fill(`>${title}`);
    await this.picks(title).first().waitFor();
    await this.page.keyboard.press('Enter');
    // Gone, or already the list of what the command asks.
    await this.page.locator('.quick-input-widget input.input[placeholder^="Type the name"]').waitFor({ state: 'hidden' });
  }

  async openFile(path) {
    const name = path.split('/').pop();
    // The palette without its `>` looks for files; unlike Ctrl+P, its key is never the browser's.
    await this.page.keyboard.press('F1');
    await this.input().waitFor();
    await this.input().fill(path);
    await this.picks(name).first().click();
    await this.page.locator(`.tab.active[data-resource-name="${name}"]`).first().waitFor();
    await this.page.locator('.monaco-editor .view-line').first().waitFor();
  }

  async goTo(line, column = 1) {
    await this.page.keyboard.press('Control+g');
    await this.input().waitFor();
    await this.input().fill(`:${line}:${column}`);
    await this.page.keyboard.press('Enter');
    await this.input().waitFor({ state: 'hidden' });
  }

  /** Selects whole lines, counted from 1, with the keyboard. */
  async selectLines(from, to) {
    await this.goTo(from);
    await this.page.keyboard.press('Home');
    for (let line = from; line < to; line++) await this.page.keyboard.press('Shift+ArrowDown');
    await this.page.keyboard.press('Shift+End');
  }

  bands() {
    return this.page.locator('.monaco-editor .view-overlays .cdr[class*="ced-"]');
  }

  status(text) {
    return this.page.locator('.statusbar-item', { hasText: text });
  }

  /** Inside the newest panel of an extension. */
  panel(extension = 'llm-loupe.llm-loupe') {
    return this.page
      .locator(`iframe.webview.ready[src*="extensionId=${extension}"]:not([src*="purpose=webviewView"])`)
      .last()
      .contentFrame()
      .locator('#active-frame')
      .contentFrame();
  }
}
