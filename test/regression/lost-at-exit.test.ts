import assert from 'node:assert/strict';
import test from 'node:test';
import { startHost, type HostOptions } from '../support/host.js';
import { startOtlpGrpcReceiver } from '../support/otlp-grpc-receiver.js';
import { startOtlpReceiver } from '../support/otlp-receiver.js';
import { fixture } from '../support/paths.js';

/** Handles requests one after the other, and ends without giving anything time to be sent. */
async function workAndEnd(
  t: test.TestContext,
  { requests, env }: { requests: number; env: HostOptions['env'] },
): Promise<void> {
  const host = await startHost(t, {
    args: [fixture('traced.js')],
    env: { AGENT_OTEL_ACCESS_LOG: 'off', ...env },
  });
  for (let n = 0; n < requests; n++) await (await fetch(`${host.url}/${n}`)).text();
  await host.stop();
}

// The first failure of any signal made the process abandon the others.
for (const protocol of ['http/protobuf', 'grpc'] as const) {
  test(`a signal whose endpoint is away takes no other along at the exit, over ${protocol}`, async (t) => {
    const http = await startOtlpReceiver(t);
    const grpc = await startOtlpGrpcReceiver(t);
    await workAndEnd(t, {
      requests: 3,
      env: {
        OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
        OTEL_EXPORTER_OTLP_ENDPOINT: protocol === 'grpc' ? `http://${grpc.target}` : http.url,
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:1/v1/traces',
      },
    });
    assert.equal(http.logRecords().length + grpc.logRecords.length, 3);
    assert.ok(http.points().length + grpc.points.length > 0);
  });
}

// More batches than the stock delegate takes at once were refused, and with them everything.
test('many small batches are all sent at the exit', async (t) => {
  const receiver = await startOtlpReceiver(t);
  await workAndEnd(t, {
    requests: 150,
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '2',
      OTEL_BSP_SCHEDULE_DELAY: '60000',
    },
  });
  assert.equal(receiver.spans().length, 150);
  assert.equal(receiver.logRecords().length, 150);
  assert.ok(receiver.points().length > 0);
});
