export interface Peers {
  /** `modules`: those of `pythonModules` that it has. */
  readonly python: { readonly path: string; readonly modules: readonly string[] } | null;
  /** Folders. */
  readonly tfjsNode: string | null;
  readonly llama2c: string | null;
}

export const pythonModules: readonly string[];
export function peersFolder(): string;
export function ownPython(): string;
export function findPeers(): Peers;
