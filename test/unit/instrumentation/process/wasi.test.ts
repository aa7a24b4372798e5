import assert from 'node:assert/strict';
import test from 'node:test';
import { followProcesses } from '../../../support/processes.js';
import { runWasi } from '../../../support/wasi.js';

test('a WASI start is one execution, by its exit code', async (t) => {
  const agent = followProcesses(t);
  assert.equal(
    agent.inRequest(() => runWasi(0)),
    0,
  );
  assert.equal(
    agent.inRequest(() => runWasi(3)),
    3,
  );
  assert.throws(() => agent.inRequest(() => runWasi('traps')), { name: 'RuntimeError' });
  assert.deepEqual(await agent.results(), [1, 2, 0]);
  assert.equal(runWasi(0), 0);
  assert.deepEqual(await agent.results(), [1, 2, 0]);
});

test('a rule may ignore it, or count it outside of requests', async (t) => {
  const ignoring = followProcesses(t, { rules: [{ kind: 'wasi', as: 'ignore' }] });
  ignoring.inRequest(() => runWasi(0));
  assert.deepEqual(await ignoring.results(), [0, 0, 0]);
  const counting = followProcesses(t, { rules: [{ kind: 'wasi', as: 'exec' }] });
  runWasi(0);
  assert.deepEqual(await counting.results(), [1, 0, 0]);
});
