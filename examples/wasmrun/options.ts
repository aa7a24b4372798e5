import { parseArgs } from 'node:util';

export interface Options {
  readonly port: number;
  readonly apiKeysFile: string | undefined;
  readonly maxConcurrent: number;
  /** Bytes of a request body. */
  readonly maxBody: number;
  /** Bytes of an execution's stdout and stderr together. */
  readonly maxOutput: number;
  readonly cleanIntervalMs: number;
  /** Where sessions have their directories; one that ends with the server when undefined. */
  readonly dataDirectory: string | undefined;
}

export const USAGE = `usage: server.js [options]
  --auth FILE              require an API key; lines of tenant:sha256-hex-of-key
  --max-concurrent N       executions at the same time (4)
  --max-body BYTES         largest request body (1048576)
  --max-output BYTES       largest stdout and stderr of an execution together (65536)
  --clean-interval-ms MS   how often expired sessions are removed (5000)
  --data DIRECTORY         where sessions have their directories (a temporary one)
  -v, --verbose            for the preload: a line for each request received
The port is taken from the environment variable PORT (8430).
`;

/** setInterval falls back to 1 ms beyond this. */
const LONGEST_INTERVAL_MS = 2 ** 31 - 1;

/**
 * Reads the command line and the environment.
 *
 * @throws Error that says which option is unknown or malformed.
 */
export function readOptions(args: string[], env: NodeJS.ProcessEnv): Options {
  const { values } = parseArgs({
    args,
    options: {
      auth: { type: 'string' },
      'max-concurrent': { type: 'string', default: '4' },
      'max-body': { type: 'string', default: '1048576' },
      'max-output': { type: 'string', default: '65536' },
      'clean-interval-ms': { type: 'string', default: '5000' },
      data: { type: 'string' },
      // The launcher tells the preload; nothing here is more verbose.
      verbose: { type: 'boolean', short: 'v' },
    },
  });
  return {
    port: integer('PORT', nonEmpty(env['PORT']) ?? '8430', { min: 0, max: 65_535 }),
    apiKeysFile: values.auth ?? nonEmpty(env['AGENT_OTEL_API_KEYS_FILE']),
    maxConcurrent: integer('--max-concurrent', values['max-concurrent'], { min: 1 }),
    maxBody: integer('--max-body', values['max-body'], { min: 0 }),
    maxOutput: integer('--max-output', values['max-output'], { min: 0 }),
    cleanIntervalMs: integer('--clean-interval-ms', values['clean-interval-ms'], {
      min: 1,
      max: LONGEST_INTERVAL_MS,
    }),
    dataDirectory: nonEmpty(values.data),
  };
}

/** A variable that is set to nothing counts as not set. */
function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

function integer(
  name: string,
  text: string,
  { min, max = Number.MAX_SAFE_INTEGER }: { min: number; max?: number },
): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max) {
    throw new Error(`${name} is not an integer from ${min} to ${max}: ${JSON.stringify(text)}`);
  }
  return value;
}
