import { sandbox } from 'agent-otel';
import { createApp } from './app.js';
import { readOptions, USAGE, type Options } from './options.js';
import { SandboxPool } from './pool.js';
import { addRoutes } from './routes.js';
import { Sessions } from './sessions.js';

/** Every line of this server is one JSON object, so that its output can be piped into jq. */
function say(line: { readonly type: string } & Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

async function serve({ port, maxSandboxes, warmSpares }: Options): Promise<void> {
  const app = createApp();
  const pool = new SandboxPool({
    maxSandboxes,
    warmSpares,
    onStartFailure: (error) => {
      app.log.warn(error, 'a sandbox could not be started');
    },
  });
  sandbox.observePool(() => pool.reading());
  addRoutes(app, new Sessions(pool));

  const shutDown = async (): Promise<void> => {
    // Answers that are under way end with their `done` before the connections close.
    await pool.close();
    await app.close();
    process.exit(0);
  };
  let closing: Promise<void> | undefined;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      closing ??= shutDown();
    });
  }

  say({ type: 'listening', url: await app.listen({ host: '127.0.0.1', port }) });
}

function fail(type: string, error: unknown): void {
  say({ type, message: error instanceof Error ? error.message : String(error) });
}

// Node's own report of an error that nobody caught is plain text.
process.on('uncaughtException', (error) => {
  fail('uncaught_exception', error);
  process.exit(1);
});

let options: Options | undefined;
try {
  options = readOptions(process.argv.slice(2), process.env);
} catch (error) {
  say({ type: 'usage_error', message: (error as Error).message, usage: USAGE });
  process.exitCode = 2;
}
if (options !== undefined) {
  await serve(options).catch((error: unknown) => {
    fail('start_error', error);
    // Sandboxes that were started ahead end with us.
    process.exit(1);
  });
}
