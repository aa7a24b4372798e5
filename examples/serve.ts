// Runs one example server alone, in the foreground, under the preload:
// `node build/examples/serve.js wasmrun|ash|arbiter [options of that server]`, and its twin
// without a telemetry call as `twins/wasmrun` and so on.
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const PORTS = { wasmrun: '8430', ash: '4100', arbiter: '8080' };
type Name = keyof typeof PORTS;

const examples = path.dirname(fileURLToPath(import.meta.url));
const preload = path.resolve(examples, '../../dist/register.cjs');
const [wanted = '', ...args] = process.argv.slice(2);
const isTwin = wanted.startsWith('twins/');
const name = isTwin ? wanted.slice('twins/'.length) : wanted;

if (isName(name)) await serve(name);
else {
  process.stderr.write(`serve: unknown server "${wanted}": use ${Object.keys(PORTS).join(', ')}\n`);
  process.exitCode = 2;
}

function isName(value: string): value is Name {
  return Object.hasOwn(PORTS, value);
}

async function serve(server: Name): Promise<void> {
  const upstream =
    server === 'arbiter' && !process.env['UPSTREAM_URL'] ? await startUpstream() : undefined;
  const child = spawn(
    process.execPath,
    [
      '--require',
      preload,
      path.join(examples, isTwin ? '../twins' : '', server, 'server.js'),
      ...args,
    ],
    {
      stdio: 'inherit',
      env: {
        PORT: PORTS[server],
        AGENT_OTEL_DIALECT: server,
        AGENT_OTEL_INLINE: 'true',
        ...(isTwin && {
          AGENT_OTEL_RULES: path.join(examples, `../../examples/twins/${server}.rules.json`),
        }),
        ...process.env,
        ...(server === 'wasmrun' && wasmrunVariables(args)),
        ...(upstream && { UPSTREAM_URL: upstream.url }),
      },
    },
  );
  let told = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (!told) told = child.kill(signal);
    });
  }
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  upstream?.process.kill();
  endLike(code, signal);
}

/** The upstream is a process of its own, without the preload: it stands for somebody else's API. */
async function startUpstream(): Promise<{ process: ChildProcess; url: string }> {
  const upstream = fork(path.join(examples, 'upstream', 'server.js'), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [],
    env: { ...process.env, PORT: process.env['UPSTREAM_PORT'] ?? '0' },
  });
  const failed = once(upstream, 'exit').then(() => {
    throw new Error('the upstream ended before it was listening');
  });
  const [{ url }] = (await Promise.race([once(upstream, 'message'), failed])) as [{ url: string }];
  // It may end at any time later on; the server then sees refused connections.
  failed.catch(() => undefined);
  return { process: upstream, url };
}

/** Two options of wasmrun belong to its operator's surface, which is the preload's. */
function wasmrunVariables(options: readonly string[]): Record<string, string> {
  const variables: Record<string, string> = {};
  options.forEach((option, index) => {
    if (option === '-v' || option === '--verbose') variables['AGENT_OTEL_VERBOSE'] = 'true';
    const file = option === '--auth' ? options[index + 1] : /^--auth=(.*)$/s.exec(option)?.[1];
    if (file) variables['AGENT_OTEL_API_KEYS_FILE'] = path.resolve(file);
  });
  return variables;
}

/** Ends this process as the server ended, so that a supervisor sees the same. */
function endLike(code: number | null, signal: NodeJS.Signals | null): void {
  if (signal === null) process.exit(code ?? 1);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}
