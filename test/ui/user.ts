/**
 * A user in front of a real VS Code that has the packaged extension: opens files, selects text, types in the palette,
 * looks at panels. What is asserted is what can be seen.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Frame, FrameLocator, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { launchBrowser } from '../../scripts/lib/tools.mjs';
import { folderUrl, startVsCode, type VsCode, type VsCodeOptions } from '../../scripts/lib/vscode.mjs';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** What the theme picker calls them, and the class that the workbench gets. */
export const themes = {
  dark: { label: 'Dark Modern', kind: 'vs-dark' },
  light: { label: 'Light Modern', kind: 'vs' },
  hcDark: { label: 'Dark High Contrast', kind: 'hc-black' },
  hcLight: { label: 'Light High Contrast', kind: 'hc-light' },
} as const;

const bandSelector = '.monaco-editor .view-overlays .cdr[class*="ced-"]';
/** What is proposed at the cursor, as VS Code shows it. */
export const ghosts = '.ghost-text, .ghost-text-decoration, .suggest-preview-text';

export interface UserOptions extends VsCodeOptions {
  files: Record<string, string>;
  width?: number;
  height?: number;
}

export class User {
  private constructor(
    readonly vscode: VsCode,
    readonly browser: Browser,
    readonly page: Page,
    readonly workspace: string,
  ) {}

  /** Starts VS Code with the packaged extension on a workspace that holds `files`. */
  static async start(options: UserOptions): Promise<User> {
    const workspace = mkdtempSync(join(tmpdir(), 'loupe-workspace-'));
    for (const [name, text] of Object.entries(options.files)) {
      mkdirSync(dirname(join(workspace, name)), { recursive: true });
      writeFileSync(join(workspace, name), text);
    }
    const vscode = await startVsCode({ vsix: [join(root, 'llm-loupe.vsix')], ...options });
    const browser = await launchBrowser();
    const page = await browser.newPage({ viewport: { width: options.width ?? 1280, height: options.height ?? 800 } });
    const user = new User(vscode, browser, page, workspace);
    await user.open();
    return user;
  }

  /** Opens (or opens again) the workspace. */
  async open(): Promise<void> {
    await this.page.goto(folderUrl(this.vscode.url, this.workspace));
    await this.page.locator('.monaco-workbench .explorer-folders-view').waitFor({ timeout: 60_000 });
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await this.vscode.stop();
    rmSync(this.workspace, { recursive: true, force: true });
  }

  /**
   * Runs a command by its title, as it stands in the palette. Tries again: the palette does not fill itself while VS Code
   * still starts, and closes when a panel that has just been opened takes the focus.
   */
  async command(title: string): Promise<void> {
    const input = this.page.locator('.quick-input-widget input.input');
    for (let tries = 0; ; tries++) {
      await this.page.keyboard.press('F1');
      try {
        await input.fill(`>${title}`, { timeout: 5_000 });
        await this.exactly(title).click({ timeout: 5_000 });
        return;
      } catch (error) {
        if (tries === 5) {
          const seen = await this.picks().locator('.label-name').allTextContents();
          throw new Error(`The palette, asked for “${title}”, shows ${JSON.stringify(seen)}`, { cause: error });
        }
        await this.page.keyboard.press('Escape');
      }
    }
  }

  /** The row of the open quick pick that says just this: others that contain it may stand above. */
  private exactly(label: string): Locator {
    const name = new RegExp(`^${label.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`);
    return this.picks().filter({ has: this.page.locator('.label-name', { hasText: name }) });
  }

  /** Rows of the open quick pick. */
  picks(text?: string | RegExp): Locator {
    return this.page.locator('.quick-input-list .monaco-list-row', text === undefined ? {} : { hasText: text });
  }

  /** Opens a file in the first group, as a user whose panels are at the side. */
  async openFile(path: string): Promise<void> {
    const name = path.split('/').pop()!;
    const input = this.page.locator('.quick-input-widget input.input');
    const group = this.page.locator('.editor-group-container').first();
    const focused = () => group.and(this.page.locator('.active')).waitFor({ timeout: 5_000 });
    for (let tries = 0; ; tries++) {
      try {
        // Not by the palette: a panel that had the focus gets it back when the palette closes.
        await this.page.keyboard.press('Control+1');
        await focused();
        await this.page.keyboard.press('Control+p');
        await input.fill(path, { timeout: 5_000 });
        await this.picks(name).first().click({ timeout: 5_000 });
        await input.waitFor({ state: 'hidden', timeout: 5_000 });
        await group.locator(`.tab.active[data-resource-name="${name}"]`).waitFor({ timeout: 5_000 });
        await focused();
        break;
      } catch (error) {
        if (tries === 3) throw error;
        await this.page.keyboard.press('Escape');
      }
    }
    await this.editor().locator('.view-line').first().waitFor();
  }

  /**
   * Chooses a folder in the dialog that a command is about to open, by its path. The dialog takes the place of a quick pick
   * whose input looks the same, fills itself with the workspace's path, and hears no click while it reads a folder.
   */
  async chooseFolder(path: string, button: string): Promise<void> {
    const dialog = this.page.locator('.quick-input-widget');
    const input = dialog.locator('input.input');
    const accept = dialog.getByRole('button', { name: button });
    await accept.waitFor();
    await expect.poll(() => input.inputValue()).toContain(this.workspace);
    await input.fill(`${path}/`);
    for (let tries = 0; ; tries++) {
      await accept.click();
      try {
        await accept.waitFor({ state: 'hidden', timeout: 3_000 });
        return;
      } catch (error) {
        if (tries === 5) throw error;
      }
    }
  }

  editor(): Locator {
    return this.page.locator('.editor-instance .monaco-editor').first();
  }

  /** Selects whole lines, 1-based, with the keyboard. */
  async selectLines(from: number, to: number): Promise<void> {
    await this.goTo(from);
    await this.page.keyboard.press('Home');
    for (let line = from; line < to; line++) await this.page.keyboard.press('Shift+ArrowDown');
    await this.page.keyboard.press('Shift+End');
  }

  async goTo(line: number, column = 1): Promise<void> {
    const input = this.page.locator('.quick-input-widget input.input');
    for (let tries = 0; ; tries++) {
      await this.page.keyboard.press('Control+g');
      try {
        await input.fill(`:${line}:${column}`, { timeout: 5_000 });
        await this.page.keyboard.press('Enter');
        await input.waitFor({ state: 'hidden', timeout: 5_000 });
        return;
      } catch (error) {
        if (tries === 3) throw error;
        await this.page.keyboard.press('Escape');
      }
    }
  }

  /** Decorations of the extension in the editor. */
  bands(): Locator {
    return this.page.locator(bandSelector);
  }

  /** From now on counts the decorations in every frame; what it gives tells the fewest that a frame has had. */
  async fewestBands(): Promise<() => Promise<number>> {
    const watch = await this.page.evaluateHandle((selector) => {
      const seen = { fewest: Number.POSITIVE_INFINITY };
      const look = () => {
        seen.fewest = Math.min(seen.fewest, document.querySelectorAll(selector).length);
        requestAnimationFrame(look);
      };
      look();
      return seen;
    }, bandSelector);
    return () => watch.evaluate((seen) => seen.fewest);
  }

  /** An entry of the status bar, by what it says. */
  status(text: string | RegExp): Locator {
    return this.page.locator('.statusbar-item', { hasText: text });
  }

  /** Which of these is on screen first, from now on; each is an element, or one that says something. */
  firstSeen(wanted: Record<string, { in: string; says?: string }>): Promise<string> {
    return this.page.evaluate(
      (parts) =>
        new Promise<string>((resolve) => {
          const look = () => {
            const seen = parts.find(([, part]) =>
              [...document.querySelectorAll(part.in)].some(({ textContent }) => textContent.includes(part.says ?? '')),
            );
            if (!seen) return;
            observer.disconnect();
            resolve(seen[0]);
          };
          const observer = new MutationObserver(look);
          observer.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
        }),
      Object.entries(wanted),
    );
  }

  /** Inside the panel that shows now. */
  panel(): FrameLocator {
    return this.page
      .locator('iframe.webview.ready[src*="extensionId=llm-loupe.llm-loupe"]:not([src*="purpose=webviewView"])')
      .last()
      .contentFrame()
      .locator('#active-frame')
      .contentFrame();
  }

  /** The panel that holds this, where several show. */
  async panelWith(selector: string): Promise<Frame> {
    for (const end = Date.now() + 60_000; Date.now() < end; await this.page.waitForTimeout(100)) {
      for (const frame of this.page.frames()) {
        // One that goes meanwhile does not hold it.
        const found = await frame
          .locator(selector)
          .count()
          .catch(() => 0);
        if (found > 0) return frame;
      }
    }
    throw new Error(`No panel holds ${selector}`);
  }

  async theme(name: keyof typeof themes): Promise<void> {
    await this.command('Preferences: Color Theme');
    const { label, kind } = themes[name];
    const input = this.page.locator('.quick-input-widget input.input');
    await expect.poll(() => input.getAttribute('placeholder')).toMatch(/theme/i);
    await input.fill(label);
    await this.exactly(label).click();
    await this.page.locator(`.monaco-workbench.${kind}`).waitFor();
    await this.page.waitForTimeout(300);
  }

  /** A screenshot for people to look at: `LOUPE_SHOTS=folder`; nothing without it. */
  async shoot(name: string): Promise<void> {
    const folder = process.env.LOUPE_SHOTS;
    if (!folder) return;
    mkdirSync(folder, { recursive: true });
    await this.page.screenshot({ path: join(folder, `${name}.png`) });
  }
}
