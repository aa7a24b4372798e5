import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { planDescription } from '../../../../src/instrumentation/http/rules/session-description.js';
import type { ValueSources } from '../../../../src/instrumentation/http/rules/values.js';

const NOTHING: ValueSources = {
  header: () => undefined,
  parameters: new Map(),
  query: () => undefined,
  request: () => undefined,
};

const describe = planDescription({
  on: 'create',
  id: { response: ['$.id'] },
  idleTimeout: { request: ['$.ttl'], unit: 'min' },
  idleTimeoutMs: 5_000,
  removedAfterMs: 7,
  directory: 'data/{id}/files',
  memoryCapPages: { request: ['$.pages'] },
});

test('a session is described by what its client asked for', () => {
  const asked = { ...NOTHING, request: () => ({ ttl: 2, pages: '512' }) };
  assert.deepEqual(describe(asked, 's1'), {
    idleTimeoutMs: 120_000,
    memoryCapPages: 512,
    removedAfterMs: 7,
    directory: path.resolve('data/s1/files'),
  });
});

for (const ttl of [undefined, 0, -1, 'soon', null]) {
  test(`a time of ${String(ttl)} is none: the rule's own is used`, () => {
    const { idleTimeoutMs } = describe({ ...NOTHING, request: () => ({ ttl }) }, 's1');
    assert.equal(idleTimeoutMs, 5_000);
  });
}

for (const id of ['..', '.', '../etc', 'a/b', String.raw`a\b`, 'a\0b']) {
  test(`an id that leads elsewhere has no directory: ${JSON.stringify(id)}`, () => {
    assert.equal(describe(NOTHING, id).directory, undefined);
  });
}
