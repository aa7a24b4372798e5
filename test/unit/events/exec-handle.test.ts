import assert from 'node:assert/strict';
import { test } from 'node:test';
import { trace, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { exec } from '../../../src/events/exec.js';
import { session } from '../../../src/events/session.js';
import { startRuntime } from '../../support/runtime.js';

const TRUNCATED = 'wasmrun_agent_output_truncated_total';

test('a second end is ignored and reported once, however often it comes', (t) => {
  const agent = startRuntime(t);
  for (let i = 0; i < 3; i++) {
    const run = exec.start();
    run.end('success');
    run.end('error');
    run.end('error');
  }
  assert.equal(agent.sample('wasmrun_agent_exec_total{result="success"}'), 3);
  assert.equal(agent.sample('wasmrun_agent_exec_total{result="error"}'), 0);
  assert.equal(agent.sample('wasmrun_agent_exec_in_flight'), 0);
  assert.equal(agent.problems.length, 1);
});

test('an end after the signal has ended the execution is no mistake of the host', (t) => {
  const agent = startRuntime(t);
  const controller = new AbortController();
  const run = exec.start({ signal: controller.signal });
  controller.abort();
  run.end('error');
  assert.equal(agent.sample('wasmrun_agent_exec_total{result="error"}'), 1);
  assert.deepEqual(agent.problems, []);
});

test('an execution that has ended no longer listens to its signal', (t) => {
  const agent = startRuntime(t);
  const controller = new AbortController();
  exec.start({ signal: controller.signal }).end('success');
  controller.abort();
  assert.equal(agent.sample('wasmrun_agent_exec_total{result="error"}'), 0);
});

for (const result of ['success', 'error', 'timeout'] as const) {
  test(`truncation is counted once with the result ${result}, and does not change it`, (t) => {
    const agent = startRuntime(t);
    const run = exec.start();
    run.truncated();
    run.truncated();
    run.end(result);
    assert.equal(agent.sample(TRUNCATED), 1);
    assert.equal(agent.sample(`wasmrun_agent_exec_total{result="${result}"}`), 1);
    assert.equal(agent.spans()[0]?.attributes['agent.exec.output_truncated'], true);
  });
}

test('truncation that is reported after the host’s own end is ignored and reported', (t) => {
  const agent = startRuntime(t);
  const run = exec.start();
  run.end('success');
  run.truncated();
  assert.equal(agent.sample(TRUNCATED), 0);
  assert.equal(agent.problems.length, 1);
});

test('truncation is counted also where the deadline has ended the execution before', (t) => {
  const agent = startRuntime(t);
  const controller = new AbortController();
  const run = exec.start({ signal: controller.signal });
  controller.abort(new DOMException('x', 'TimeoutError'));
  run.truncated();
  assert.equal(agent.sample('wasmrun_agent_exec_total{result="timeout"}'), 1);
  assert.equal(agent.sample(TRUNCATED), 1);
  assert.deepEqual(agent.problems, []);
});

test('the span of an execution is internal and carries result, session and sandbox', (t) => {
  const agent = startRuntime(t);
  exec.start({ session: 's1', sandbox: 'c1' }).end('timeout');
  const span = agent.span('exec');
  assert.equal(span.kind, SpanKind.INTERNAL);
  assert.deepEqual(span.attributes, {
    'agent.session.id': 's1',
    'agent.sandbox.id': 'c1',
    'agent.exec.result': 'timeout',
  });
  assert.equal(span.status.code, SpanStatusCode.ERROR);
});

test('the span of a successful execution leaves its status unset', (t) => {
  const agent = startRuntime(t);
  exec.start().end('success');
  assert.deepEqual(agent.span('exec').status, { code: SpanStatusCode.UNSET });
});

test('the span of an execution names the class of the error and never its message', (t) => {
  const agent = startRuntime(t);
  class EvaluationError extends Error {}
  assert.throws(() =>
    exec.run({}, () => {
      throw new EvaluationError('secret of a user');
    }),
  );
  const span = agent.span('exec');
  assert.equal(span.attributes['error.type'], 'EvaluationError');
  const { attributes, events, status } = span;
  assert.doesNotMatch(JSON.stringify({ attributes, events, status }), /secret/);
});

test('what happens inside exec.run happens in its span', async (t) => {
  const agent = startRuntime(t);
  const inside = await exec.run({}, async () => {
    await Promise.resolve();
    return trace.getSpan(agent.runtime.tracing().active())?.spanContext().spanId;
  });
  assert.equal(inside, agent.span('exec').spanContext().spanId);
});

test('an execution belongs to the current session unless it names another', (t) => {
  const agent = startRuntime(t);
  session.within('current', () => {
    exec.start().end('success');
    exec.start({ session: 'named' }).end('success');
  });
  assert.deepEqual(
    agent.spans().map(({ attributes }) => attributes['agent.session.id']),
    ['current', 'named'],
  );
});

test('an execution inside an HTTP request is a child of its server span', (t) => {
  const agent = startRuntime(t);
  const incoming = agent.incoming();
  incoming.handle(() => {
    exec.start().end('success');
  });
  assert.equal(agent.span('exec').parentSpanContext?.spanId, incoming.id);
});

test("an execution in a tenant's sandbox also moves the sandbox families of arbiter", (t) => {
  const agent = startRuntime(t);
  exec.start({ sandbox: 'c1' }).end('success');
  exec.start({ sandbox: 'c1' }).end('timeout');
  exec.start().end('timeout');
  assert.equal(agent.sample('arbiter_sandbox_exec_total'), 2);
  assert.equal(agent.sample('arbiter_sandbox_exec_timeout_total'), 1);
  assert.equal(agent.sample('wasmrun_agent_exec_duration_ms_count'), 3);
});

test('a dispatch into a sandbox is counted when it begins', (t) => {
  const agent = startRuntime(t);
  exec.start({ sandbox: 'c1' });
  assert.equal(agent.sample('arbiter_sandbox_exec_total'), 1);
});
