export type Stream = 'stdout' | 'stderr';

/** What an execution printed, up to a cap in bytes over both streams. */
export interface Output {
  write(stream: Stream, text: string): void;
  read(): { readonly stdout: string; readonly stderr: string; readonly truncated: boolean };
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function createOutput(maxBytes: number): Output {
  const printed = { stdout: '', stderr: '' };
  let bytesLeft = maxBytes;
  let truncated = false;
  return {
    write(stream, text) {
      if (truncated) return;
      const fits = new Uint8Array(Math.min(bytesLeft, text.length * 3));
      // Never cuts through a character: what remains of the cap is left unused.
      const { read, written } = encoder.encodeInto(text, fits);
      printed[stream] += decoder.decode(fits.subarray(0, written));
      bytesLeft -= written;
      truncated = read < text.length;
    },
    read: () => ({ ...printed, truncated }),
  };
}
