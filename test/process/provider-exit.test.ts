import assert from 'node:assert/strict';
import test from 'node:test';
import { startProviderServer } from '../fixtures/providers/server.js';
import { startHost } from '../support/host.js';
import { startOtlpReceiver } from '../support/otlp-receiver.js';
import { waitFor } from '../support/wait.js';

/** A command that asks once, is refused, and is done: nobody will try again. */
const COMMAND = `
  fetch(process.env.PROVIDER_URL + '/v1/chat/completions', {
    method: 'POST',
    body: '{"model":"m"}',
  }).then((answer) => answer.text());`;

test('a call that waits for a retry neither holds a process nor is lost with it', async (t) => {
  const server = await startProviderServer();
  t.after(() => {
    server.close();
  });
  server.plan.push({ status: 503, headers: { connection: 'close' } });
  const receiver = await startOtlpReceiver(t);
  const began = Date.now();
  const host = await startHost(t, {
    args: ['-e', COMMAND],
    listens: false,
    env: { PROVIDER_URL: server.url, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
  });
  assert.deepEqual(await host.ended, { code: 0, signal: null });
  assert.ok(Date.now() - began < 30_000);
  assert.equal(host.stdout(), '');
  const spans = await waitFor(() => receiver.spans().length > 0 && receiver.spans());
  assert.deepEqual(
    spans.map(({ name, attributes }) => [name, attributes['error.type']]),
    [['chat m', '503']],
  );
});
