/** `npm start`: four servers on the documented ports, real work, and a verdict. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import test, { type TestContext } from 'node:test';
import { ROOT } from '../support/paths.js';
import { startProgram, type Program } from './support/processes.js';

/** Servers at 8430, 4100, 8080 and 8431, and an admin listener for each. */
const PORTS = [8430, 4100, 8080, 8431, 9464, 9465, 9466, 9467];
const VERDICT = 'Every documented metric moved as expected.';

async function takenPort(): Promise<number | undefined> {
  for (const port of PORTS) {
    const server = createServer();
    const taken = once(server, 'error').then(() => true);
    server.listen(port, '127.0.0.1');
    if (await Promise.race([taken, once(server, 'listening').then(() => false)])) return port;
    server.close();
    await once(server, 'close');
  }
  return undefined;
}

/** The one test that needs the documented ports leaves them to whoever has them. */
async function startAll(t: TestContext, args: readonly string[]): Promise<Program | undefined> {
  const taken = await takenPort();
  if (taken !== undefined) {
    t.skip(`needs port ${taken}, which somebody else has taken`);
    return undefined;
  }
  return startProgram(t, {
    command: process.execPath,
    args: [`${ROOT}build/examples/start.js`, ...args],
  });
}

/** None of the servers is there any more: nobody answers on any of their ports. */
async function assertAllGone(): Promise<void> {
  for (const port of PORTS) {
    const socket = connect(port, '127.0.0.1');
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    assert.equal(error.code, 'ECONNREFUSED', `port ${port}`);
  }
}

test('npm start -- --once drives every server, says that all is well and leaves nothing behind', async (t) => {
  const program = await startAll(t, ['--once']);
  if (program === undefined) return;
  assert.deepEqual(await program.ended, { code: 0, signal: null }, program.merged());
  assert.equal(program.stdout(), `${VERDICT}\n`);
  assert.equal(program.stderr(), '');
  assert.equal(program.alive(), false);
  await assertAllGone();
});

test('npm start keeps serving what it printed until it is stopped', async (t) => {
  const program = await startAll(t, []);
  if (program === undefined) return;
  await program.says(/(Serving until Ctrl-C)/);
  assert.ok(program.stdout().startsWith(`${VERDICT}\n`));
  const printed = [...program.stdout().matchAll(/^ .*?curl (.*)$/gm)].map(([, command]) => command);
  assert.ok(printed.length > 0);
  for (const command of printed) {
    const [url = ''] = /http:[^\s"|]+/.exec(command ?? '') ?? [];
    const [, name, value] = /-H "(\w+): (.*?)"/.exec(command ?? '') ?? [];
    const headers: Record<string, string> = name && value ? { [name]: value } : {};
    const { status } = await fetch(url, { headers });
    assert.equal(status, 200, command);
  }
  assert.deepEqual(await program.stop(), { code: 0, signal: null });
  await assertAllGone();
});
