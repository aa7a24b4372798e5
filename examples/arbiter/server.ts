// An orchestrator in small: tenants, limits, idempotent runs, four model providers, sandboxes.
import { setMaxListeners } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { handle } from './handler.js';
import { IdempotencyCache } from './idempotency.js';
import { refuse } from './incoming.js';
import { TenantLimiter } from './limiter.js';
import { readOptions, type Options } from './options.js';
import { Providers } from './providers/providers.js';
import { SandboxPool } from './sandbox/sandbox-pool.js';

const SHUTDOWN_MS = 500;

try {
  serve(readOptions(process.argv.slice(2), process.env));
} catch (error) {
  process.stderr.write(`arbiter: ${error instanceof Error ? error.message : 'cannot start'}\n`);
  process.exitCode = 2;
}

function serve(options: Options): void {
  const stopping = new AbortController();
  // Every running request listens to it.
  setMaxListeners(0, stopping.signal);
  const services = {
    limiter: new TenantLimiter(options),
    cache: new IdempotencyCache(),
    providers: new Providers(options),
    sandboxes: new SandboxPool(options),
    stopping: stopping.signal,
  };

  const server = createServer((req, res) => {
    handle(req, res, services).catch(() => {
      if (res.headersSent || req.destroyed) res.destroy();
      else refuse(res, { status: 500, error: { type: 'api_error' } });
    });
  });
  server.once('error', (error) => {
    process.stderr.write(`arbiter: ${error.message}\n`);
    process.exit(1);
  });
  server.listen(options.port, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    process.stdout.write(`arbiter listening on http://127.0.0.1:${port}\n`);
  });

  const stop = (): void => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    services.sandboxes.stop();
    server.close(() => process.exit(0));
    setTimeout(() => process.exit(0), SHUTDOWN_MS);
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
}
