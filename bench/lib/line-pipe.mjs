import { spawnSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { until } from './until.mjs';

const LINE_FEED = 0x0a;
/** The latest text, in which a line is looked for. */
const KEPT = 1 << 16;

/**
 * A real pipe with a reader that counts lines: what a process under a supervisor has as its
 * standard error. (What `spawn` calls a pipe is a socket.)
 */
export function createLinePipe() {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'bench-'));
  const fifo = path.join(directory, 'lines');
  const { status, stderr } = spawnSync('mkfifo', [fifo]);
  if (status !== 0) throw new Error(`mkfifo: ${stderr}`);
  // Opened for reading first: to open a pipe that nobody reads would wait.
  const readEnd = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
  const writeEnd = openSync(fifo, constants.O_WRONLY);
  rmSync(directory, { recursive: true });

  let lines = 0;
  let text = '';
  let ended = false;
  const reader = new net.Socket({ fd: readEnd, readable: true, writable: false });
  reader.on('data', (bytes) => {
    for (let at = bytes.indexOf(LINE_FEED); at !== -1; at = bytes.indexOf(LINE_FEED, at + 1)) {
      lines++;
    }
    const recent = bytes.subarray(Math.max(0, bytes.length - KEPT)).toString('utf8');
    text = recent.length >= KEPT ? recent : (text + recent).slice(-KEPT);
  });
  reader.on('end', () => {
    ended = true;
  });

  return {
    /** What a child gets as its file descriptor 2. */
    writeEnd,
    /** The child has it: from now on the pipe ends with the child. */
    handedOver: () => closeSync(writeEnd),
    get lines() {
      return lines;
    },
    get text() {
      return text;
    },
    /** @param {string} part The latest whole line that contains it; fails when none comes. */
    async lineWith(part) {
      const find = () =>
        text
          .split('\n')
          .slice(0, -1)
          // The first of those that are kept is rarely whole.
          .findLast((line) => line.includes(part));
      await until(
        () => find() !== undefined,
        () => `no line with ${part} in: ${text.slice(-2000)}`,
      );
      return /** @type {string} */ (find());
    },
    ended: () =>
      until(
        () => ended,
        () => 'the pipe did not end',
      ),
    close: () => reader.destroy(),
  };
}
