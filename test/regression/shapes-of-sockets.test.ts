import assert from 'node:assert/strict';
import test from 'node:test';
import { startHost } from '../support/host.js';
import { startOtlpReceiver } from '../support/otlp-receiver.js';
import { PRELOAD } from '../support/paths.js';

const REQUESTS = 40;

/** Asks itself over a connection each, and says what the sockets had when they answered. */
const HOST = `
  const http = require('node:http');
  const shapes = new Set();
  const server = http.createServer(({ socket }, response) => {
    response.on('close', () => shapes.add(Reflect.ownKeys(socket).map(String).join()));
    response.end();
  });
  server.listen(0, '127.0.0.1', async () => {
    const options = { port: server.address().port, agent: false };
    for (let i = 0; i < ${REQUESTS}; i++) {
      await new Promise((resolve) =>
        http.get(options, (response) => response.resume().on('close', resolve)),
      );
    }
    console.log(JSON.stringify([...shapes]));
    server.close();
  });`;

test('sockets are of one shape, whether the spans of their requests are sampled or not', async (t) => {
  const receiver = await startOtlpReceiver(t);
  const host = await startHost(t, {
    args: ['-e', HOST],
    listens: false,
    nodeArgs: ['--require', PRELOAD],
    env: {
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_TRACES_SAMPLER: 'traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.5',
    },
  });
  assert.deepEqual(await host.ended, { code: 0, signal: null });
  const sampled = receiver.spans().filter(({ kind }) => kind === 'SERVER').length;
  assert.ok(sampled > 0 && sampled < REQUESTS, `${sampled} of ${REQUESTS} were sampled`);
  const shapes = JSON.parse(host.stdout()) as string[];
  assert.equal(shapes.length, 1, shapes.join('\n'));
});
