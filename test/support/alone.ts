import { connect, createServer } from 'node:net';

/** An abstract socket of Linux: it goes with the process that has it, however that ends. */
const NAME = '\0agent-otel.alone';

/**
 * Waits for its turn among the test files whose Collectors, Nodes or thousands of tenants fill a
 * machine by themselves, and has it until the process ends. The runner has one number for how
 * many files run at a time, and others may run beside. Where there are no such sockets (other
 * systems, Node 20.6) nobody waits.
 */
export async function alone(): Promise<void> {
  while (!(await isMine())) await untilReleased();
}

/** Whether this process has the turn now. */
function isMine(): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer((waiting) => {
      waiting.on('error', () => undefined).unref();
    });
    server.once('error', ({ code }: NodeJS.ErrnoException) => {
      resolve(code !== 'EADDRINUSE');
    });
    server.listen(NAME, () => {
      server.unref();
      resolve(true);
    });
  });
}

/** Until the process that has the turn has ended. */
function untilReleased(): Promise<void> {
  return new Promise((resolve) => {
    connect(NAME)
      .on('error', () => undefined)
      .once('close', () => {
        resolve();
      });
  });
}
