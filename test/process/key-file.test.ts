import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { startHost } from '../support/host.js';
import { fixture } from '../support/paths.js';
import { send } from './support/client.js';
import { temporaryFolder } from './support/ending-host.js';
import { readSamples, valueOf } from './support/exposition.js';

const KEY = 'right-key';
const HASH = createHash('sha256').update(KEY).digest('hex');

const UNUSABLE: readonly (readonly [what: string, content: string | Uint8Array])[] = [
  ['is not there', 'nothing'],
  ['is a folder', 'folder'],
  ['is empty', ''],
  ['holds comments alone', '# nobody\n\n  \n'],
  ['holds a key in the clear', `acme:${KEY}\n`],
  ['has one line of another form', `acme:${HASH}\nacme=${HASH}\n`],
  ['names no tenant', `:${HASH}\n`],
  ['is not text', Buffer.from([0xff, 0xfe, 0, 1, 10, 0])],
];

for (const [what, content] of UNUSABLE) {
  test(`a key file that ${what} opens nothing to anybody`, async (t) => {
    const file = path.join(temporaryFolder(t), 'keys');
    if (content === 'folder') mkdirSync(file);
    else if (content !== 'nothing') writeFileSync(file, content);
    const host = await startHost(t, {
      args: [fixture('answers.js')],
      env: {
        AGENT_OTEL_API_KEYS_FILE: file,
        AGENT_OTEL_INLINE: 'true',
        AGENT_OTEL_ACCESS_LOG: 'off',
      },
    });
    const tries = [undefined, `Bearer ${KEY}`, `Bearer ${HASH}`, 'Bearer ', `acme:${HASH}`];
    for (const authorization of tries) {
      const headers = authorization === undefined ? {} : { authorization };
      const answer = await send(`${host.url}/api/v1/metrics`, { headers });
      assert.equal(answer.status, 401, authorization);
    }
    const open = await send(`${host.url}/v1/metrics`);
    assert.equal(open.status, 200);
    assert.equal((await send(`${host.url}/ok`)).body, 'ok');

    assert.equal(host.lines().length, 1, host.stderr());
    assert.match(host.lines()[0] ?? '', /AGENT_OTEL_API_KEYS_FILE=".*" .*401/);
    assert.ok(!host.stderr().includes(HASH) && !host.stderr().includes(KEY), 'no key is shown');
  });
}

test('a key file with Windows line ends, blanks and comments is read', async (t) => {
  const file = path.join(temporaryFolder(t), 'keys');
  writeFileSync(file, `# keys\r\n\r\n  acme:${HASH.toUpperCase()}  \r\n`);
  const host = await startHost(t, {
    args: [fixture('answers.js')],
    env: { AGENT_OTEL_API_KEYS_FILE: file, AGENT_OTEL_INLINE: 'true' },
  });
  const headers = { authorization: `bearer ${KEY}` };
  const answer = await send(`${host.url}/api/v1/metrics`, { headers });
  assert.equal(answer.status, 200);
  assert.equal(
    valueOf(readSamples(answer.body), 'wasmrun_agent_exec_rejected_total', {
      reason: 'unauthorized',
    }),
    0,
  );
  await host.line(/path=\/api\/v1\/metrics status=200 dur_ms=\d+ tenant=acme$/);
});
