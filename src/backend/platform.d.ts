/** The part of WebAssembly's interface that is used here: TypeScript has it only together with all of the browser's. */
declare namespace WebAssembly {
  class Module {
    private readonly brand;
    static exports(module: Module): { name: string; kind: 'function' | 'table' | 'memory' | 'global' }[];
  }
  class Memory {
    constructor(descriptor: { initial: number; maximum?: number; shared?: boolean });
    readonly buffer: ArrayBuffer | SharedArrayBuffer;
    /** Throws where there is no more. */
    grow(pages: number): number;
  }
  class Global {
    value: number;
  }
  class Instance {
    constructor(module: Module, imports: Record<string, Record<string, Memory>>);
    readonly exports: Record<string, unknown>;
  }
  function validate(bytes: Uint8Array): boolean;
  function compile(bytes: Uint8Array): Promise<Module>;
}
