/** Only requests for the documented paths had the tenant of their key in their line. */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { temporaryFolder } from '../process/support/ending-host.js';
import { startZeroCodeHost } from '../process/support/zero-code-host.js';

test('in auth mode a request to the host has the tenant of its key in its line', async (t) => {
  const file = path.join(temporaryFolder(t), 'keys');
  writeFileSync(file, `acme:${createHash('sha256').update('the-key').digest('hex')}\n`);
  const host = await startZeroCodeHost(t, {
    env: { AGENT_OTEL_API_KEYS_FILE: file, AGENT_OTEL_TENANT_HEADER: 'x-tenant' },
  });
  const claim = { 'x-tenant': 'other' };
  await host.ask('GET /proven', 'json', { authorization: 'Bearer the-key', ...claim });
  await host.line(/path=\/proven .*tenant=acme$/);
  await host.ask('GET /claimed', 'json', { authorization: 'Bearer no-key', ...claim });
  await host.line(/path=\/claimed .*tenant=other$/);
});
