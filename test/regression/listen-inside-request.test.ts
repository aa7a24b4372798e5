import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixture } from '../support/paths.js';
import { startHost } from '../support/host.js';

// A server that is created while a request is handled carries that request's async context
// along into its own requests, and with it the metadata of a span that is not theirs.
test('a server that was made inside a request gives each of its requests a span of its own', async (t) => {
  const host = await startHost(t, { args: [fixture('nested-servers.js')] });
  const outer = await fetch(host.url);
  const inner = `http://127.0.0.1:${await outer.text()}`;
  const ids = [outer, await fetch(inner), await fetch(inner)].map((response) =>
    response.headers.get('x-request-id'),
  );
  assert.equal(new Set(ids).size, 3);
  for (const id of ids) await host.line(new RegExp(`id=${String(id)} `));
});
