import assert from 'node:assert/strict';
import { test } from 'node:test';
import { request } from '../../../src/events/request.js';
import type { IdempotencyResult, RateLimitReason } from '../../../src/catalog/vocabulary.js';
import { startRuntime, type TestRuntime } from '../../support/runtime.js';

/** Asserts that nothing of the request flow has moved. */
function assertNothingStarted({ ledger }: TestRuntime): void {
  const { requestStarted, requestActive, requestDuration } = ledger.tables;
  assert.deepEqual([requestStarted.size, requestActive.size, requestDuration.size], [0, 0, 0]);
}

for (const reason of ['concurrent_request_limit', 'rate_limit'] as const) {
  test(`a request refused for ${reason} is counted there and starts nothing`, (t) => {
    const agent = startRuntime(t);
    request.rateLimited({ reason, tenant: '1' });
    assert.equal(agent.sample(`arbiter_rate_limited_total{tenant="1",reason="${reason}"}`), 1);
    assertNothingStarted(agent);
  });
}

for (const result of ['replay', 'miss'] as const) {
  test(`an idempotency ${result} is counted there and starts nothing`, (t) => {
    const agent = startRuntime(t);
    request.idempotencyLookedUp(result);
    const other = result === 'replay' ? 'miss' : 'replay';
    assert.equal(agent.sample(`arbiter_idempotency_${result}_total`), 1);
    assert.equal(agent.sample(`arbiter_idempotency_${other}_total`), 0);
    assertNothingStarted(agent);
  });
}

test('undocumented reasons and results are reported and counted nowhere', (t) => {
  const agent = startRuntime(t);
  request.rateLimited({ reason: 'mood' as RateLimitReason, tenant: '1' });
  request.idempotencyLookedUp('maybe' as IdempotencyResult);
  assert.equal(agent.ledger.tables.requestRateLimited.size, 0);
  assert.equal(agent.ledger.tables.idempotencyLookups.size, 2);
  assert.ok(agent.problems.length > 0);
});
