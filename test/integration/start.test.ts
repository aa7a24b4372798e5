/** `npm start`: four servers on the documented ports, real work, and a verdict. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import test from 'node:test';
import { ROOT } from '../support/paths.js';
import { startProgram } from './support/processes.js';

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

/** None of the servers is there any more: nobody answers on any of their ports. */
async function assertAllGone(): Promise<void> {
  for (const port of PORTS) {
    const socket = connect(port, '127.0.0.1');
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    assert.equal(error.code, 'ECONNREFUSED', `port ${port}`);
  }
}

test('npm start -- --once drives every server, says that all is well and leaves nothing behind', async (t) => {
  // The one test that needs the documented ports leaves them to whoever has them.
  const taken = await takenPort();
  if (taken !== undefined) {
    assert.notEqual(process.env['REQUIRE_INTEGRATION'], '1', `port ${taken} is taken`);
    t.skip(`needs port ${taken}, which somebody else has taken`);
    return;
  }
  const program = startProgram(t, {
    command: process.execPath,
    args: [`${ROOT}build/examples/start.js`, '--once'],
  });
  assert.deepEqual(await program.ended, { code: 0, signal: null }, program.merged());
  assert.equal(program.stdout(), `${VERDICT}\n`);
  assert.equal(program.stderr(), '');
  assert.equal(program.alive(), false);
  await assertAllGone();
});
