import { parseArgs } from 'node:util';

/** What this server can be told, with milliseconds as whole numbers. */
export interface Options {
  readonly port: number;
  readonly upstreamUrl: string;
  readonly maxConcurrent: number;
  readonly ratePerMinute: number;
  readonly sandboxIdleMs: number;
  readonly execTimeoutMs: number;
  readonly breakerResetMs: number;
}

/** Reads the command line and the two variables; throws with a line for the operator. */
export function readOptions(args: string[], env: NodeJS.ProcessEnv): Options {
  const { values } = parseArgs({
    args,
    options: {
      'max-concurrent': { type: 'string', default: '4' },
      rate: { type: 'string', default: '60' },
      'sandbox-idle-ms': { type: 'string', default: '60000' },
      'exec-timeout-ms': { type: 'string', default: '2000' },
      'breaker-reset-ms': { type: 'string', default: '3000' },
    },
  });
  const upstreamUrl = env['UPSTREAM_URL'];
  if (!upstreamUrl) throw new Error('UPSTREAM_URL is not set: it names the model upstream');
  return {
    port: toCount('PORT', env['PORT'] ?? '8080', 0),
    upstreamUrl: upstreamUrl.replace(/\/+$/, ''),
    maxConcurrent: toCount('--max-concurrent', values['max-concurrent']),
    ratePerMinute: toCount('--rate', values.rate),
    sandboxIdleMs: toCount('--sandbox-idle-ms', values['sandbox-idle-ms']),
    execTimeoutMs: toCount('--exec-timeout-ms', values['exec-timeout-ms']),
    breakerResetMs: toCount('--breaker-reset-ms', values['breaker-reset-ms']),
  };
}

function toCount(name: string, text: string, least = 1): number {
  const count = Number(text);
  if (/^\d{1,9}$/.test(text) && count >= least) return count;
  throw new Error(`${name} is a whole number of at least ${least}, not ${JSON.stringify(text)}`);
}
