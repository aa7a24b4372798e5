import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exec } from '../../../src/events/exec.js';
import type { RejectionReason } from '../../../src/catalog/vocabulary.js';
import { startRuntime } from '../../support/runtime.js';

const REJECTIONS: readonly RejectionReason[] = ['concurrency', 'payload', 'unauthorized'];

for (const reason of REJECTIONS) {
  test(`a request rejected for ${reason} is counted there and is no execution`, (t) => {
    const agent = startRuntime(t);
    exec.rejected(reason);
    for (const other of REJECTIONS) {
      const name = `wasmrun_agent_exec_rejected_total{reason="${other}"}`;
      assert.equal(agent.sample(name), other === reason ? 1 : 0);
    }
    assert.equal(agent.sample('wasmrun_agent_exec_duration_ms_count'), 0);
  });
}

test('a rejection for an undocumented reason is reported and counted nowhere', (t) => {
  const agent = startRuntime(t);
  exec.rejected('mood' as RejectionReason);
  assert.equal(agent.ledger.tables.execRejected.size, 3);
  assert.match(agent.problems[0] ?? '', /mood/);
});
