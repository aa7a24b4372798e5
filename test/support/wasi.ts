import { WASI } from 'node:wasi';

/** The part of it that is used here: its types are among those of the DOM. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => object;
};

/** A module whose `_start` calls `proc_exit` with a code, or is `unreachable`. */
function moduleThat(ends: number | 'traps'): object {
  const section = (id: number, ...bytes: number[]): number[] => [id, bytes.length, ...bytes];
  const name = (text: string): number[] => [text.length, ...Buffer.from(text)];
  const body = ends === 'traps' ? [0x00, 0x00, 0x0b] : [0x00, 0x41, ends, 0x10, 0x00, 0x0b];
  return new WebAssembly.Module(
    Uint8Array.from([
      ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
      ...section(1, 2, 0x60, 1, 0x7f, 0, 0x60, 0, 0),
      ...section(2, 1, ...name('wasi_snapshot_preview1'), ...name('proc_exit'), 0, 0),
      ...section(3, 1, 1),
      ...section(5, 1, 0, 1),
      ...section(7, 2, ...name('_start'), 0, 1, ...name('memory'), 2, 0),
      ...section(10, 1, body.length, ...body),
    ]),
  );
}

/** Runs one, and returns its exit code. */
export function runWasi(ends: number | 'traps'): number {
  const wasi = new WASI({ version: 'preview1' });
  const imports = { wasi_snapshot_preview1: wasi.wasiImport };
  return wasi.start(new WebAssembly.Instance(moduleThat(ends), imports));
}
