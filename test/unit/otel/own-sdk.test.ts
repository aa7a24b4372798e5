import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { TraceFlags, type Span } from '@opentelemetry/api';
import { readConfig } from '../../../src/config/config.js';
import type { RequestHeaders } from '../../../src/events/runtime.js';
import type { Environment } from '../../../src/config/values.js';
import { Ledger } from '../../../src/ledger/ledger.js';
import { createMetricProducer } from '../../../src/otel/metric-producer.js';
import { startOwnSdk, type OwnSdk } from '../../../src/otel/own-sdk.js';
import { createResource } from '../../../src/otel/resource.js';
import {
  createPrometheusBridge,
  type PrometheusBridge,
} from '../../../src/otel/prometheus-bridge.js';
import { headersOf } from '../../support/runtime.js';

function start(
  t: TestContext,
  environment: Environment = {},
): { sdk: OwnSdk; ledger: Ledger; bridge: PrometheusBridge } {
  const ledger = new Ledger({ tenantLimit: 10 });
  const bridge = createPrometheusBridge(createMetricProducer(ledger));
  const sdk = startOwnSdk({
    config: readConfig(environment),
    ledger,
    spanProcessors: [],
    bridge,
    resource: createResource(),
    transport: undefined,
  });
  t.after(() => sdk.contextManager.disable());
  return { sdk, ledger, bridge };
}

const isSampled = (span: Span): boolean =>
  (span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0;

function traceparent(flags: string): RequestHeaders {
  const traceparent = `00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-${flags}`;
  return headersOf({ traceparent });
}

test('without a trace exporter a new root is recorded but not sampled', (t) => {
  const { sdk } = start(t);
  const span = sdk.tracing.startSpan('x', {});
  assert.deepEqual([span.isRecording(), isSampled(span)], [true, false]);
});

for (const flags of ['00', '01']) {
  test(`a remote parent’s sampled flag ${flags} is passed on, and the span recorded`, (t) => {
    for (const environment of [{}, { OTEL_TRACES_EXPORTER: 'otlp' }]) {
      const { sdk } = start(t, environment);
      const parent = sdk.tracing.extract(traceparent(flags));
      const span = sdk.tracing.startSpan('x', { parent });
      assert.deepEqual([span.isRecording(), isSampled(span)], [true, flags === '01']);
      assert.equal(span.spanContext().traceId, '0af7651916cd43dd8448eb211c80319c');
    }
  });
}

const SAMPLERS: readonly [string, string | undefined, boolean][] = [
  ['always_on', undefined, true],
  ['always_off', undefined, false],
  ['traceidratio', '0', false],
  ['traceidratio', undefined, true],
  ['parentbased_always_on', undefined, true],
  ['parentbased_always_off', undefined, false],
  ['parentbased_traceidratio', '0', false],
  ['parentbased_traceidratio', '1', true],
];

for (const [name, ratio, sampled] of SAMPLERS) {
  test(`with a trace exporter, ${name} ${ratio ?? ''} has a new root sampled: ${String(sampled)}`, (t) => {
    const { sdk } = start(t, {
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_TRACES_SAMPLER: name,
      OTEL_TRACES_SAMPLER_ARG: ratio,
    });
    const span = sdk.tracing.startSpan('x', {});
    assert.deepEqual([span.isRecording(), isSampled(span)], [true, sampled]);
  });
}

test('OTEL_PROPAGATORS=none takes nothing over from a request', (t) => {
  const { sdk } = start(t, { OTEL_PROPAGATORS: 'none' });
  const parent = sdk.tracing.extract(traceparent('01'));
  const span = sdk.tracing.startSpan('x', { parent });
  assert.notEqual(span.spanContext().traceId, '0af7651916cd43dd8448eb211c80319c');
});

test('the bridge serializes the canonical instruments and those of the host', async (t) => {
  const { sdk, ledger, bridge } = start(t);
  sdk.meterProvider.getMeter('host').createCounter('host.jobs').add(3);
  ledger.tables.requestActive.add(ledger.tables.requestActive.row('acme'), 2);
  const text = [...(await bridge.serialize())].join('');
  assert.match(text, /^host_jobs_total\{.*\} 3$/m);
  assert.match(text, /^agent_request_active\{.*agent_tenant_id="acme".*\} 2$/m);
});

test('a bridge that belongs to no SDK shows our metrics alone, again and again', async () => {
  const ledger = new Ledger({ tenantLimit: 10 });
  const bridge = createPrometheusBridge(
    createMetricProducer(ledger, { without: 'agent.tenant.id' }),
  );
  const { requestActive } = ledger.tables;
  for (const tenant of ['1', '2']) {
    requestActive.add(requestActive.row(tenant), 2);
    const text = [...(await bridge.serialize())].join('');
    assert.match(text, new RegExp(`^agent_request_active\\{[^}]*\\} ${2 * Number(tenant)}$`, 'm'));
    assert.doesNotMatch(text, /tenant_id/);
  }
});

test('a bridge whose SDK was shut down rejects', async (t) => {
  const { sdk, bridge } = start(t);
  await sdk.meterProvider.shutdown();
  await assert.rejects(bridge.serialize());
});

test('without OTLP there is nothing to hand over at the exit', (t) => {
  assert.doesNotThrow(() => {
    start(t).sdk.handOver();
  });
});
