import type { Browser, FrameLocator, Locator, Page } from 'playwright-core';
import type { VsCode, VsCodeOptions } from './vscode.mjs';

export interface WindowOptions extends VsCodeOptions {
  folder: string;
  width?: number;
  height?: number;
}
export class Window {
  static start(options: WindowOptions): Promise<Window>;
  readonly vscode: VsCode;
  readonly browser: Browser;
  readonly page: Page;
  open(): Promise<void>;
  stop(): Promise<void>;
  input(): Locator;
  picks(text?: string | RegExp): Locator;
  command(title: string): Promise<void>;
  openFile(path: string): Promise<void>;
  goTo(line: number, column?: number): Promise<void>;
  selectLines(from: number, to: number): Promise<void>;
  bands(): Locator;
  status(text: string | RegExp): Locator;
  panel(extension?: string): FrameLocator;
}
