import { writeSync } from 'node:fs';

/** A write of at most this many bytes to a pipe is whole or does not happen (POSIX). */
const PIPE_BUF = 4096;
/** What a pipe holds on Linux: after so much the reader may have emptied it. */
const PIPE_BYTES = 65_536;
/** Bytes kept while the reader takes none; lines beyond are dropped and counted. */
const MAX_PENDING = 4 << 20;
/** A slow reader empties a pipe within a millisecond; one that has stopped is asked less and less. */
const FIRST_RETRY_MS = 1;
const LAST_RETRY_MS = 16;
/** Longest that an ending process waits for a reader, in milliseconds. */
const EXIT_WAIT_MS = 250;

/** Takes whole lines and writes them to standard error. */
export interface LineSink {
  readonly write: (line: string) => void;
  /** Writes what is kept now, waiting a bounded time for a slow reader. For `exit` alone. */
  readonly flushAtExit: () => void;
}

/**
 * A sink that gathers the lines of one turn of the event loop and writes them together,
 * never more than PIPE_BUF bytes at once and only whole lines. It neither blocks the loop
 * on a reader that has stopped (EAGAIN keeps the rest for a timer that holds nothing open)
 * nor grows without bound.
 */
export function createStderrSink(options: {
  onDrop: (lines: number) => void;
  fd?: number;
  write?: (fd: number, bytes: Uint8Array) => number;
  /** Calls back after a moment, and holds no event loop open for it. */
  later?: (retry: () => void, delayMs: number) => void;
}): LineSink {
  const { onDrop, fd = 2, write = writeSync, later = retryLater } = options;
  /** Chunks of whole lines, but for a first one that a socket took in part. */
  let chunks: Buffer[] = [];
  let pendingBytes = 0;
  let gathered = '';
  let gatheredLines = 0;
  let scheduled = false;
  let retryMs = FIRST_RETRY_MS;
  let opened: boolean | undefined;
  let broken = false;
  let exiting = false;

  /** A pipe is blocking until Node has opened it, and a full one would stall the loop. */
  function open(): boolean {
    try {
      return process.stderr.fd === fd;
    } catch {
      // There is no standard error to write to; the first write will find out.
      return false;
    }
  }

  function pack(): void {
    if (gathered === '') return;
    const text = gathered;
    const lines = gatheredLines;
    gathered = '';
    gatheredLines = 0;
    const bytes = Buffer.from(text, 'utf8');
    if (pendingBytes + bytes.length > MAX_PENDING) {
      onDrop(lines);
      return;
    }
    for (const chunk of wholeLineChunks(bytes)) {
      chunks.push(chunk);
      pendingBytes += chunk.length;
    }
  }

  /** Writes until done or refused; true when nothing is left. */
  function drain(): boolean {
    while (chunks.length > 0) {
      const chunk = chunks[0] ?? Buffer.alloc(0);
      try {
        const written = write(fd, chunk);
        pendingBytes -= written;
        retryMs = FIRST_RETRY_MS;
        if (written === chunk.length) chunks.shift();
        else chunks[0] = chunk.subarray(written);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return false;
        // The reader has gone (EPIPE) or there never was one (EBADF): nobody will read more.
        broken = true;
        chunks = [];
        pendingBytes = 0;
        return true;
      }
    }
    return true;
  }

  function flush(): void {
    scheduled = false;
    pack();
    if (drain()) return;
    scheduled = true;
    later(flush, retryMs);
    retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
  }

  return {
    write(line) {
      if (broken) return;
      opened ??= open();
      gathered += line;
      gatheredLines++;
      if (exiting) {
        pack();
        drain();
        return;
      }
      if (scheduled) {
        // A reader that has stopped must not make the text grow; one that has not is asked again.
        if (gathered.length > PIPE_BYTES) {
          pack();
          drain();
        }
        return;
      }
      scheduled = true;
      // Not unref’d: the loop would sleep in its poll phase and the lines would wait with it.
      setImmediate(flush);
    },
    flushAtExit() {
      // What other listeners of `exit` still have to say is written as it comes.
      exiting = true;
      pack();
      const deadline = Date.now() + EXIT_WAIT_MS;
      while (!drain() && Date.now() < deadline) pause(FIRST_RETRY_MS);
    },
  };
}

function retryLater(retry: () => void, delayMs: number): void {
  setTimeout(retry, delayMs).unref();
}

/** Splits text into chunks that end at a line feed and fit a pipe's atomic write. */
function* wholeLineChunks(bytes: Buffer): Generator<Buffer> {
  const LINE_FEED = 0x0a;
  let start = 0;
  while (start < bytes.length) {
    let end = bytes.length;
    if (end - start > PIPE_BUF) {
      end = bytes.lastIndexOf(LINE_FEED, start + PIPE_BUF - 1) + 1;
      // A single line that is longer goes out alone.
      if (end <= start) end = bytes.indexOf(LINE_FEED, start) + 1 || bytes.length;
    }
    yield bytes.subarray(start, end);
    start = end;
  }
}

/** Sleeps without an event loop, which an ending process no longer has. */
function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
