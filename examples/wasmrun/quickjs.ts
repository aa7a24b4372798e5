import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  RELEASE_SYNC,
  type QuickJSWASMModule,
} from 'quickjs-emscripten';

/** A compiled module: a worker can be sent one, and nothing else is done with it. */
export type WasmModule = object;

/** Node's types leave it to the browser's. */
declare const WebAssembly: {
  compile(bytes: Uint8Array): Promise<WasmModule>;
  Memory: new (limits: { initial: number; maximum: number }) => object;
};

/** In pages: the memory that this build of QuickJS starts with, and the most it can have. */
const SMALLEST_MEMORY = 256;
const LARGEST_MEMORY = 32_768;
/** What a new VM leaves free of the smallest memory, in pages; measured. */
const SMALLEST_HEAP = 173;

/**
 * Compiles QuickJS once for all workers. One that compiled its own would take three times
 * as long, the most of it at its end, when V8 waits for its optimizing compiler.
 */
export async function compileQuickJS(): Promise<WasmModule> {
  const require = createRequire(import.meta.resolve('quickjs-emscripten'));
  return WebAssembly.compile(
    await readFile(require.resolve('@jitl/quickjs-wasmfile-release-sync/wasm')),
  );
}

/**
 * Instantiates QuickJS with a memory of its own that cannot outgrow a cap in pages. Where
 * the cap is below what the build starts with, that many pages of its heap are to be left
 * `unused`. (QuickJS's own memory limit counts no sizes in this build.)
 */
export async function instantiateQuickJS(
  wasmModule: WasmModule,
  capPages: number | null,
): Promise<{ quickjs: QuickJSWASMModule; unused: number }> {
  const pages = Math.min(capPages ?? LARGEST_MEMORY, LARGEST_MEMORY);
  const wasmMemory = new WebAssembly.Memory({
    initial: SMALLEST_MEMORY,
    maximum: Math.max(pages, SMALLEST_MEMORY),
  });
  const variant = newVariant(RELEASE_SYNC, { wasmModule, wasmMemory });
  return {
    quickjs: await newQuickJSWASMModuleFromVariant(variant),
    unused: Math.max(SMALLEST_HEAP - pages, 0),
  };
}
