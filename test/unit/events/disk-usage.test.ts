import assert from 'node:assert/strict';
import { linkSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { diskUsage } from '../../../src/events/disk-usage.js';
import { session } from '../../../src/events/session.js';
import { startRuntime } from '../../support/runtime.js';

const DISK = 'wasmrun_agent_sessions_disk_bytes';

function temporaryDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'agent-otel-disk-'));
  t.after(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  return directory;
}

/** What `du` counts: the allocated blocks of a directory and of all that is below it. */
function allocated(directory: string): number {
  const paths = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  return [directory, ...paths.map((path) => join(directory, path))]
    .map((path) => lstatSync(path).blocks * 512)
    .reduce((total, bytes) => total + bytes, 0);
}

function fill(directory: string): void {
  writeFileSync(join(directory, 'a.bin'), Buffer.alloc(10_000, 1));
  mkdirSync(join(directory, 'deep', 'deeper'), { recursive: true });
  writeFileSync(join(directory, 'deep', 'deeper', 'b.bin'), Buffer.alloc(70_000, 1));
}

test('the disk usage of a directory is the blocks allocated to it and all below it', async (t) => {
  const directory = temporaryDirectory(t);
  fill(directory);
  assert.equal(await diskUsage(directory), allocated(directory));
  assert.ok((await diskUsage(directory)) >= 80_000);
});

test('a file with several hard links counts once', async (t) => {
  const directory = temporaryDirectory(t);
  fill(directory);
  const before = await diskUsage(directory);
  linkSync(join(directory, 'a.bin'), join(directory, 'same.bin'));
  const { blocks } = lstatSync(join(directory, 'a.bin'));
  assert.equal(await diskUsage(directory), allocated(directory) - blocks * 512);
  assert.ok((await diskUsage(directory)) - before < blocks * 512);
});

test('a symbolic link is not followed', async (t) => {
  const elsewhere = temporaryDirectory(t);
  fill(elsewhere);
  const directory = temporaryDirectory(t);
  const link = join(directory, 'link');
  symlinkSync(elsewhere, link);
  const blocks = lstatSync(directory).blocks + lstatSync(link).blocks;
  assert.equal(await diskUsage(directory), blocks * 512);
});

test('a directory that is gone, or was never there, occupies nothing', async (t) => {
  const directory = temporaryDirectory(t);
  rmSync(directory, { recursive: true });
  assert.equal(await diskUsage(directory), 0);
});

test('files that vanish while they are measured do not fail the measurement', async (t) => {
  const directory = temporaryDirectory(t);
  for (let i = 0; i < 200; i++) writeFileSync(join(directory, `${i}.bin`), 'x');
  const measuring = diskUsage(directory);
  rmSync(directory, { recursive: true });
  assert.ok((await measuring) >= 0);
});

test('the gauge is the disk usage of the active sessions, measured at each scrape', async (t) => {
  const agent = startRuntime(t);
  const first = temporaryDirectory(t);
  const second = temporaryDirectory(t);
  fill(first);
  session.created({ id: 'a', directory: first });
  session.created({ id: 'b', directory: second });
  session.created({ id: 'without' });
  assert.equal(await agent.scraped(DISK), allocated(first) + allocated(second));
  fill(second);
  assert.equal(await agent.scraped(DISK), allocated(first) + allocated(second));
});

test('a session that is not active takes its disk usage with it, and brings it back', async (t) => {
  const agent = startRuntime(t);
  const directory = temporaryDirectory(t);
  fill(directory);
  session.created({ id: 'a', directory });
  assert.equal(await agent.scraped(DISK), allocated(directory));
  session.paused('a');
  assert.equal(await agent.scraped(DISK), 0);
  session.resumed({ id: 'a', path: 'warm' });
  assert.equal(await agent.scraped(DISK), allocated(directory));
  session.ended('a');
  assert.equal(await agent.scraped(DISK), 0);
});

test('a session that ends while it is measured leaves nothing behind', async (t) => {
  const agent = startRuntime(t);
  const directory = temporaryDirectory(t);
  fill(directory);
  session.created({ id: 'a', directory });
  const scrape = agent.scraped(DISK);
  session.ended('a');
  assert.equal(await scrape, 0);
  assert.equal(await agent.scraped(DISK), 0);
});

test('the rows of the breakdown have the disk usage that was measured', async (t) => {
  const agent = startRuntime(t);
  const directory = temporaryDirectory(t);
  fill(directory);
  session.created({ id: 'a', directory });
  await agent.ledger.observe();
  assert.equal(agent.runtime.sessions.rows()[0]?.diskBytes, allocated(directory));
});
