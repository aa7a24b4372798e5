import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RateLimitReason } from '../../../src/catalog/vocabulary.js';
import { request } from '../../../src/events/request.js';
import { startRuntime } from '../../support/runtime.js';

const REFUSED = 'arbiter_rate_limited_total{tenant="1",reason="rate_limit"}';

test('a held limiter counts in the cell that rateLimited counts in', (t) => {
  const agent = startRuntime(t);
  const limiter = request.limiter({ tenant: '1', reason: 'rate_limit' });
  assert.equal(agent.sample(REFUSED), undefined);
  for (let refusal = 1; refusal <= 3; refusal++) {
    limiter.refused();
    assert.equal(agent.sample(REFUSED), refusal);
  }
  request.rateLimited({ tenant: '1', reason: 'rate_limit' });
  assert.equal(agent.sample(REFUSED), 4);
  assert.ok(agent.runtime.reportedByHost.has('limiter'));
});

test('a limiter that is held before there is a runtime counts once there is, and in the next', (t) => {
  const limiter = request.limiter({ tenant: '1', reason: 'rate_limit' });
  limiter.refused();
  const first = startRuntime(t);
  limiter.refused();
  assert.equal(first.sample(REFUSED), 1);
  const second = startRuntime(t);
  limiter.refused();
  assert.deepEqual([first.sample(REFUSED), second.sample(REFUSED)], [1, 1]);
});

test('a limiter of an undocumented reason is reported and counts nowhere', (t) => {
  const agent = startRuntime(t);
  const limiter = request.limiter({ tenant: '1', reason: 'mood' as RateLimitReason });
  limiter.refused();
  limiter.refused();
  assert.equal(agent.ledger.tables.requestRateLimited.size, 0);
  assert.equal(agent.problems.length, 1);
});
