import assert from 'node:assert/strict';
import type { Host } from '../../support/host.js';
import { waitFor } from '../../support/wait.js';

export interface AccessLine {
  readonly ts: string;
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly durMs: number;
  readonly tenant: string;
}

/** One value: printable ASCII without space, quote and equals sign. */
const VALUE = '[!#-<>-~]+';
const GRAMMAR = new RegExp(
  String.raw`^ts=(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00) id=(${VALUE}) method=(${VALUE}) ` +
    String.raw`path=(${VALUE}) status=(\d{3}) dur_ms=(\d+) tenant=(${VALUE})$`,
);

/** Reads a documented access line; undefined for any other line. */
export function parseAccessLine(line: string): AccessLine | undefined {
  const fields = GRAMMAR.exec(line);
  if (fields === null) return undefined;
  const [, ts = '', id = '', method = '', path = '', status, durMs, tenant = ''] = fields;
  return { ts, id, method, path, status: Number(status), durMs: Number(durMs), tenant };
}

/** The access lines so far. Any line that is not exactly one fails the test. */
export function accessLines(host: Pick<Host, 'lines'>): AccessLine[] {
  return host.lines().map((line) => {
    const parsed = parseAccessLine(line);
    assert.ok(parsed !== undefined, `not an access line: ${JSON.stringify(line)}`);
    return parsed;
  });
}

/** Waits until there are this many lines on standard error, all of them access lines. */
export async function waitForAccessLines(
  host: Pick<Host, 'lines' | 'stderr'>,
  count: number,
): Promise<AccessLine[]> {
  await waitFor(() => host.lines().length >= count, { what: `${count} access lines` });
  return accessLines(host);
}
