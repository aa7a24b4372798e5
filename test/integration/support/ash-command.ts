import { createServer } from 'node:net';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { waitFor } from '../../support/wait.js';
import { SERVE } from './example-server.js';
import { startProgram, type Program } from './processes.js';

/**
 * `ash start`, so that the document's command lines run as they are printed: it starts the
 * example as `npm run -s serve:ash` does, or replays what that has written to a file.
 */
const ASH = `#!/bin/sh
[ "$*" = start ] || exit 2
[ -z "$ASH_REPLAY" ] || exec cat "$ASH_REPLAY"
echo $$ >"$ASH_PID_FILE"
exec "${process.execPath}" "${SERVE}" ash
`;

export interface AshCommand {
  /** Runs a command line that replays a file, to its end. */
  replay(commandLine: string, file: string): Promise<Program>;
  /** Runs a command line, works on the server in it, ends that, and waits for the rest. */
  run<T>(commandLine: string, work: (url: string) => Promise<T>): Promise<[Program, T]>;
}

/** Makes `ash` a command, for the shells that the test starts. */
export function ashCommand(t: TestContext, env: Readonly<Record<string, string>>): AshCommand {
  const directory = mkdtempSync(path.join(tmpdir(), 'agent-otel-ash-'));
  t.after(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  writeFileSync(path.join(directory, 'ash'), ASH);
  chmodSync(path.join(directory, 'ash'), 0o755);
  const pidFile = path.join(directory, 'pid');
  const start = (commandLine: string, more: Readonly<Record<string, string>>): Program =>
    startProgram(t, {
      command: 'sh',
      args: ['-c', commandLine],
      env: {
        ...env,
        ...more,
        PATH: `${directory}:${process.env['PATH'] ?? ''}`,
        ASH_PID_FILE: pidFile,
        OTEL_EXPORTER_PROMETHEUS_PORT: '0',
      },
    });
  return {
    async replay(commandLine, file) {
      const program = start(commandLine, { ASH_REPLAY: file });
      await program.ended;
      return program;
    },
    async run(commandLine, work) {
      // What the server says of its port goes into the pipe, so it has to be known before.
      const port = await freePort();
      rmSync(pidFile, { force: true });
      const program = start(commandLine, { PORT: String(port) });
      const url = `http://127.0.0.1:${port}`;
      await waitFor(
        () =>
          fetch(`${url}/health`).then(
            ({ ok }) => ok,
            () => false,
          ),
        {
          what: `${commandLine} to serve: ${program.merged()}`,
        },
      );
      const result = await work(url);
      process.kill(Number(readFileSync(pidFile, 'utf8')));
      await program.ended;
      return [program, result];
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
