import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readApiKeys, type ApiKeys } from 'agent-otel';
import { readOptions, USAGE, type Options } from './options.js';
import { createRequestListener } from './routes.js';
import { createSandbox } from './sandbox.js';
import { Sessions } from './sessions.js';

const options = optionsOrUsage();
if (options !== undefined) start(options);

function optionsOrUsage(): Options | undefined {
  try {
    return readOptions(process.argv.slice(2), process.env);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${USAGE}`);
    process.exitCode = 2;
    return undefined;
  }
}

function start(options: Options): void {
  const root = dataDirectory(options.dataDirectory);
  const sessions = new Sessions({ root, cleanIntervalMs: options.cleanIntervalMs });
  const server = createServer(
    createRequestListener({
      sessions,
      sandbox: createSandbox(options),
      keys: readKeys(options.apiKeysFile),
      maxBody: options.maxBody,
    }),
  );
  server.once('error', (error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
  server.listen(options.port, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    process.stdout.write(`listening on http://127.0.0.1:${port}\n`);
  });

  const stop = (): void => {
    server.close();
    server.closeAllConnections();
    void sessions.close().then(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

/** Sessions remove their own directories; a temporary one around them ends with the server. */
function dataDirectory(wanted: string | undefined): string {
  if (wanted !== undefined) {
    mkdirSync(wanted, { recursive: true });
    return wanted;
  }
  const temporary = mkdtempSync(join(tmpdir(), 'wasmrun-'));
  process.once('exit', () => {
    rmSync(temporary, { recursive: true, force: true });
  });
  return temporary;
}

/** A key file that cannot be used accepts nobody: it never means open mode. */
function readKeys(file: string | undefined): ApiKeys | undefined {
  if (file === undefined) return undefined;
  try {
    return readApiKeys(file);
  } catch {
    return { tenantOf: () => undefined };
  }
}
