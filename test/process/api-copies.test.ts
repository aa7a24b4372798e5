import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { startHost } from '../support/host.js';
import { ROOT } from '../support/paths.js';

/** Makes a span through the API as it was when the module was loaded, before any listen. */
const HANDLER = `
const tracer = trace.getTracer('host');
const server = http.createServer((request, response) => {
  tracer.startActiveSpan('inner', (span) => {
    response.setHeader('x-trace', span.spanContext().traceId);
    response.setHeader('x-parent', span.parentSpanContext?.spanId ?? String(span.parentSpanId));
    span.end();
    response.end();
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
`;
const COMMON_JS = `const { trace } = require('@opentelemetry/api');\nconst http = require('node:http');`;
const ES_MODULE = `import { trace } from '@opentelemetry/api';\nimport http from 'node:http';`;

/** A host with a copy of the API of its own, in a folder of its own. */
function hostWith(
  t: TestContext,
  { api, name, head }: { api: string; name: string; head: string },
): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'api-copy-'));
  t.after(() => {
    rmSync(folder, { recursive: true });
  });
  const target = path.join(folder, 'node_modules', '@opentelemetry', 'api');
  cpSync(path.join(ROOT, 'node_modules', api), target, { recursive: true });
  const file = path.join(folder, name);
  writeFileSync(file, `${head}\n${HANDLER}`);
  return file;
}

const CASES = [
  { what: 'an older copy', api: 'api-1-4', name: 'host.cjs', head: COMMON_JS },
  { what: 'an older copy, imported', api: 'api-1-4', name: 'host.mjs', head: ES_MODULE },
  { what: 'a newer copy', api: 'api-1-10', name: 'host.cjs', head: COMMON_JS },
  { what: 'a newer copy that is an ES module', api: 'api-1-10', name: 'host.mjs', head: ES_MODULE },
];

for (const { what, ...host } of CASES) {
  test(`spans that a host makes through ${what} of the API join the request's trace`, async (t) => {
    const { url } = await startHost(t, {
      args: [hostWith(t, host)],
      // Sampled, so that the inner span is one that can tell its parent.
      env: { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:9/v1/traces' },
    });
    const traceId = 'a'.repeat(32);
    const headers = { traceparent: `00-${traceId}-${'b'.repeat(16)}-01` };
    const response = await fetch(url, { headers });
    assert.equal(response.headers.get('x-trace'), traceId);
    assert.equal(response.headers.get('x-parent'), response.headers.get('x-request-id'));
  });
}
