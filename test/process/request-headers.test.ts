import assert from 'node:assert/strict';
import test from 'node:test';
import { startHost, type Host } from '../support/host.js';
import { fixture } from '../support/paths.js';
import { send } from './support/client.js';
import { PRELOADED } from './support/ending-host.js';

const PATHS = [
  '/ok',
  '/missing',
  '/broken',
  '/no-content',
  '/no-listeners',
  '/object',
  '/odd-object',
  '/reason-and-object',
  '/array',
  '/pairs',
  '/cookies',
  '/cookie-list',
  '/cookies-and-more',
  '/two-spellings',
  '/invalid',
  '/too-late',
  '/set-then-write-head',
  '/own-header',
  '/own-object',
  '/own-array',
  '/cleared',
  '/seen',
  '/chunks',
  '/flushed',
  '/interim',
];

/** What a client gets, but for the time and for what we add. */
async function answerTo(host: Host, path: string): Promise<unknown> {
  try {
    const { status, statusMessage, rawHeaders, body } = await send(`${host.url}${path}`);
    const pairs = rawHeaders
      .map((name, i) => [name, rawHeaders[i + 1]] as const)
      .filter((_, i) => i % 2 === 0)
      .filter(([name]) => name !== 'Date' && name !== 'X-Request-Id');
    return { status, statusMessage, pairs, body };
  } catch (error) {
    return String(error);
  }
}

test('but for X-Request-Id every answer is the same as without the preload', async (t) => {
  const [bare, preloaded] = await Promise.all(
    [[], PRELOADED].map((nodeArgs) => startHost(t, { args: [fixture('answers.js')], nodeArgs })),
  );
  assert.ok(bare !== undefined && preloaded !== undefined);
  for (const path of PATHS) {
    await t.test(`at ${path}`, async () => {
      assert.deepEqual(await answerTo(preloaded, path), await answerTo(bare, path));
      assert.equal(preloaded.child.exitCode, null, preloaded.stderr());
    });
  }
});
