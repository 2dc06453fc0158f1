export interface VsCodeOptions {
  vsix?: string[];
  settings?: Record<string, unknown>;
  french?: boolean;
  trust?: boolean;
  smokeDriver?: boolean;
  environment?: Record<string, string>;
  profile?: string;
  port?: number;
}
export interface VsCode {
  url: string;
  port: number;
  profile: string;
  log: string;
  stop(): Promise<void>;
}
export function startVsCode(options?: VsCodeOptions): Promise<VsCode>;
export function folderUrl(url: string, folder: string): string;
