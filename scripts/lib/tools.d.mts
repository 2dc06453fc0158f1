import type { Browser, LaunchOptions } from 'playwright-core';

export function cacheFolder(): string;
export function node24(): string;
export function codeServer(): string;
export function chromiumPath(): Promise<string>;
export function launchBrowser(options?: LaunchOptions): Promise<Browser>;
