import { strict as assert } from 'node:assert';
import { get, sumOf } from './get.mjs';
import { UNDER_WAY } from './load.mjs';
import { isOurs } from './ours.mjs';
import { until } from './until.mjs';

const DURATION = /^http_(?:server_)?request_duration(?:_seconds)?_count$/;
const STARTED = /^(?:arbiter_)?requests_started_total$/;
const COMPLETED = /^(?:arbiter_)?requests_completed_total$/;
const IN_FLIGHT = /^(?:arbiter|requests)_in_flight$/;

/** Lines that a gathering destination may still have: less than its 4 KiB. */
const GATHERED = 64;

/**
 * Makes one request and fails unless it was answered with an id, written down under that id,
 * and counted.
 * @param {import('./subject.mjs').Subject} subject
 */
export async function verifySignals(subject) {
  const { url, metrics } = subject.ready;
  const before = await readCounts(metrics);
  const { status, headers, body } = await get(url);
  assert.equal(status, 200, subject.name);
  assert.equal(JSON.parse(body).ok, true, subject.name);
  const id = headers['x-request-id'];
  assert.equal(typeof id, 'string', `${subject.name}: no X-Request-Id`);
  await fill(subject);
  const line = parseLine(await subject.lines.lineWith(String(id)));
  assert.equal(line.id, id, subject.name);
  assert.equal(line.method, 'GET', subject.name);
  assert.equal(line.path, '/bench', subject.name);
  assert.equal(Number(line.status), 200, subject.name);
  assert.ok(Number(line.durMs) >= 0, `${subject.name}: no duration`);
  assert.match(String(line.tenant), /^tenant-\d+$/, subject.name);
  const after = await readCounts(metrics);
  for (const count of ['duration', 'started', 'completed']) {
    assert.ok(after[count] > (before[count] ?? 0), `${subject.name}: ${count} did not move`);
  }
  assert.equal(after.inFlight, 0, `${subject.name}: in flight`);
}

/** A destination that gathers shows a line when enough have followed. */
async function fill({ name, ready }) {
  if (!name.endsWith('async')) return;
  for (let i = 0; i < GATHERED; i++) await get(ready.url);
}

/**
 * Fails unless everything that a load asked was written and counted.
 * @param {import('./subject.mjs').Subject} subject
 * @param {{ requests: number, linesBefore: number }} load
 */
export async function verifyLoad(subject, { requests, linesBefore }) {
  const written = () => subject.lines.lines - linesBefore;
  const mayMiss = isOurs(subject.name) ? 0 : GATHERED;
  await until(
    () => written() >= requests - mayMiss,
    () => `${subject.name}: ${requests} requests, ${written()} lines`,
  );
  assert.ok(
    written() <= requests + UNDER_WAY + GATHERED,
    `${subject.name}: ${requests} requests, ${written()} lines`,
  );
}

/** How many requests the metrics know of. @param {import('./subject.mjs').Subject} subject */
export async function countedRequests({ ready }) {
  const { duration, started, completed } = await readCounts(ready.metrics);
  return Math.min(duration ?? 0, started ?? 0, completed ?? 0);
}

async function readCounts(url) {
  const { body } = await get(url);
  return {
    duration: sumOf(body, DURATION),
    started: sumOf(body, STARTED),
    completed: sumOf(body, COMPLETED),
    inFlight: sumOf(body, IN_FLIGHT),
  };
}

/** What a line says, whoever wrote it. @param {string} line @returns {Record<string, unknown>} */
function parseLine(line) {
  if (line.startsWith('{')) {
    const { req = {}, res = {}, ...record } = JSON.parse(line);
    return {
      id: record.id ?? req.id,
      method: record.method ?? req.method,
      path: record.url ?? req.url,
      status: record.status ?? res.statusCode,
      durMs: record.durMs ?? record.responseTime,
      tenant: record.tenant,
    };
  }
  const record = Object.fromEntries(line.split(' ').map((field) => field.split('=')));
  return { ...record, durMs: record.dur_ms };
}
