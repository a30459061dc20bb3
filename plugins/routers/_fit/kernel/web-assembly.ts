/**
 * The part of the WebAssembly interface that this folder uses; neither TypeScript's ES library nor
 * the types of Node 20 declare it.
 */

/** Linear memory; growing it replaces its buffer. */
export interface WasmMemory {
  readonly buffer: SharedArrayBuffer;
  readonly grow: (pages: number) => number;
}

/** A compiled module. */
export type WasmModule = object;

interface Interface {
  readonly Memory: new (limits: {
    readonly initial: number;
    readonly maximum: number;
    readonly shared: true;
  }) => WasmMemory;
  readonly Module: new (bytes: Uint8Array) => WasmModule;
  readonly Instance: new (
    module: WasmModule,
    imports: { readonly env: { readonly memory: WasmMemory } },
  ) => { readonly exports: object };
}

/** The global of the same name. */
export const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: Interface };
