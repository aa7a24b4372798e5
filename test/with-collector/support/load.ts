import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import http from 'node:http';

/** What a load was answered in, in milliseconds. */
export interface Latency {
  readonly median: number;
  readonly p99: number;
}

/** Sends so many requests, eight at a time, over connections that stay open. */
export async function load(url: string, requests: number): Promise<Latency> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
  const times: number[] = [];
  let left = requests;
  const send = async (): Promise<void> => {
    while (left-- > 0) {
      const startedAt = performance.now();
      await get(url, agent);
      times.push(performance.now() - startedAt);
    }
  };
  await Promise.all(Array.from({ length: 8 }, send));
  agent.destroy();
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.floor(times.length * share)] ?? NaN;
  return { median: at(0.5), p99: at(0.99) };
}

async function get(url: string, agent: http.Agent): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    http
      .get(url, { agent }, (response) => response.resume().once('end', resolve))
      .once('error', reject);
  });
}

/** What a process holds in memory, in megabytes. */
export function residentMegabytes(pid: number): number {
  // Slim images have no ps, and systems other than Linux no /proc.
  const status = `/proc/${pid}/status`;
  const kibibytes = existsSync(status)
    ? /^VmRSS:\s+(\d+)/m.exec(readFileSync(status, 'utf8'))?.[1]
    : execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' });
  return Number(kibibytes) / 1000;
}
