import { setTimeout as delay } from 'node:timers/promises';
import { readTask } from './agent.js';
import type { FromSandbox, ToSandbox } from './protocol.js';

const CHUNK_DELAY_MS = 4;

let current: AbortController | undefined;

process.on('message', (message: ToSandbox) => {
  if (message.type === 'cancel') current?.abort();
  else void answer(message.content);
});

// The server is gone, however it went: a sandbox never outlives it.
process.on('disconnect', () => {
  process.exit(0);
});

// A Ctrl-C goes to the whole process group; it is the server that ends its sandboxes.
process.on('SIGINT', () => undefined);

tell({ type: 'ready' });

async function answer(content: string): Promise<void> {
  const { signal } = (current = new AbortController());
  const { thinkMs, crash, chunks } = readTask(content);
  try {
    await delay(thinkMs, undefined, { signal });
    for (const text of chunks) {
      tell({ type: 'chunk', text });
      await delay(CHUNK_DELAY_MS, undefined, { signal });
    }
    // The way the kernel ends a process that took too much memory.
    if (crash) process.kill(process.pid, 'SIGKILL');
  } catch {
    // Cancelled: what is left of the answer has no listener.
  }
  tell({ type: 'done' });
}

function tell(message: FromSandbox): void {
  process.send?.(message);
}
