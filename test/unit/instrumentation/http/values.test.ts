import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ExchangeValue } from '../../../../src/config/rules.js';
import { compileValue } from '../../../../src/instrumentation/http/rules/values.js';

const SOURCES = {
  header: (name: string): string | undefined =>
    ({ 'x-tenant': 'acme', authorization: 'Bearer tenant-7-key', long: 'x'.repeat(5_000) })[name],
  parameters: new Map([['id', 's1']]),
  query: (name: string): string | undefined => ({ team: 'red' })[name],
  responseHeader: (name: string): string | undefined => ({ 'mcp-session-id': 'm1' })[name],
  request: (): unknown => ({ chat: { id: 'c1' } }),
  response: { session: { id: 7, boxes: [{ id: 'b0' }, { id: 'b1' }], none: null }, text: '' },
};

const VALUES: readonly (readonly [ExchangeValue, string | undefined])[] = [
  [{ header: 'X-Tenant' }, 'acme'],
  [{ header: 'x-other' }, undefined],
  [{ header: 'authorization', pattern: '^Bearer tenant-(\\d+)-' }, '7'],
  [{ header: 'authorization', pattern: 'tenant-\\d+' }, 'tenant-7'],
  [{ header: 'authorization', pattern: '^Basic (.*)' }, undefined],
  [{ header: 'long', pattern: '(x)' }, undefined],
  [{ path: 'id' }, 's1'],
  [{ path: 'other' }, undefined],
  [{ query: 'team' }, 'red'],
  [{ query: 'other' }, undefined],
  [{ responseHeader: 'Mcp-Session-Id' }, 'm1'],
  [{ responseHeader: 'x-tenant' }, undefined],
  [{ request: ['$.session', '$.chat.id'] }, 'c1'],
  [{ response: ['$.session.id'] }, '7'],
  [{ response: ['$.session.boxes[1].id'] }, 'b1'],
  [{ response: ['$.nothing', '$.session.id'] }, '7'],
  [{ response: ['$.session.none'] }, undefined],
  [{ response: ['$.session'] }, undefined],
  [{ response: ['$.text'] }, undefined],
  [{ response: ['$.session.toString'] }, undefined],
  [{ response: ['$.session.boxes.length'] }, '2'],
];

for (const [value, expected] of VALUES) {
  test(`${JSON.stringify(value)} is ${expected ?? 'nothing'}`, () => {
    assert.equal(compileValue(value)(SOURCES), expected);
  });
}
