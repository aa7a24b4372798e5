import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { isInstalled } from './machine.mjs';

const CONNECTIONS = 32;
const withWrk = isInstalled('wrk');

/**
 * Loads a server until it is saturated, over kept-alive connections.
 * @param {string} url
 * @param {number} seconds whole ones
 * @returns {Promise<{ requests: number, perSecond: number }>}
 */
export const load = (url, seconds) => (withWrk ? wrk(url, seconds) : autocannon(url, seconds));

/** More requests than were counted as complete when the load ended. */
export const UNDER_WAY = CONNECTIONS;

async function wrk(url, seconds) {
  const text = await run('wrk', [
    '-t1',
    '--timeout',
    '30s',
    `-c${CONNECTIONS}`,
    `-d${seconds}s`,
    url,
  ]);
  if (/Non-2xx|Socket errors/.test(text)) throw new Error(`${url}: ${text}`);
  const [, requests, time, unit] = /(\d+) requests in ([\d.]+)(ms|s|m)/.exec(text) ?? [];
  if (requests === undefined) throw new Error(`wrk said: ${text}`);
  const took = Number(time) * { ms: 0.001, s: 1, m: 60 }[unit];
  return { requests: Number(requests), perSecond: Number(requests) / took };
}

async function autocannon(url, seconds) {
  const program = createRequire(import.meta.url).resolve('autocannon');
  const args = [program, '-j', '-n', '-c', String(CONNECTIONS), '-d', String(seconds), url];
  const result = JSON.parse(await run(process.execPath, args));
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`${url}: ${JSON.stringify(result)}`);
  return { requests: result['2xx'], perSecond: result['2xx'] / result.duration };
}

async function run(program, args) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${text}`);
  return text;
}
