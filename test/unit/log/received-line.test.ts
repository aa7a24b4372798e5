import assert from 'node:assert/strict';
import { test } from 'node:test';
import { receivedJson, receivedLine } from '../../../src/log/lines.js';

const RECORD = { timeMs: Date.parse('2026-06-13T11:18:55.354Z'), id: 'd5aafbe6c56c32ec' };

function shown(url: string): string {
  const line = receivedLine({ ...RECORD, method: 'GET', url });
  return /^→ GET (\S*) \(id=d5aafbe6c56c32ec\)\n$/.exec(line)?.[1] ?? `not a line: ${line}`;
}

test('the received line is the documented one: → METHOD url (id=...)', () => {
  assert.equal(
    receivedLine({ ...RECORD, method: 'GET', url: '/api/v1/metrics?format=json' }),
    '→ GET /api/v1/metrics?format=json (id=d5aafbe6c56c32ec)\n',
  );
});

test('where every line is JSON the received line is an object too', () => {
  assert.equal(
    receivedJson({ ...RECORD, method: 'GET', url: '/x?api_key=secret&a=1' }),
    '{"type":"request_received","ts":"2026-06-13T11:18:55.354+00:00","id":"d5aafbe6c56c32ec",' +
      '"method":"GET","url":"/x?api_key=REDACTED&a=1"}\n',
  );
});

const SECRETS: readonly [string, string][] = [
  ['/x?key=s3cret', '/x?key=REDACTED'],
  ['/x?API_KEY=s3cret', '/x?API_KEY=REDACTED'],
  ['/x?a=1&access_token=s3cret&b=2', '/x?a=1&access_token=REDACTED&b=2'],
  ['/x?X-Amz-Signature=s3cret', '/x?X-Amz-Signature=REDACTED'],
  ['/x?password=s3cret#top', '/x?password=REDACTED#top'],
  ['/x?client_secret=s3=cret', '/x?client_secret=REDACTED'],
  ['/x?authorization=s3cret', '/x?authorization=REDACTED'],
  ['/x?credentials=s3cret', '/x?credentials=REDACTED'],
  ['/x?code=s3cret&state=1', '/x?code=REDACTED&state=1'],
  ['/x?key=', '/x?key=REDACTED'],
  ['/x?a=1?key=s3cret', '/x?a=1?key=REDACTED'],
  ['/x?next=/y&sig=s3cret', '/x?next=/y&sig=REDACTED'],
  ['/key?a=1', '/key?a=1'],
];

for (const [url, expected] of SECRETS) {
  test(`the received line of ${url} shows no secret`, () => {
    assert.equal(shown(url), expected);
  });
}

test('the credentials of an absolute-form target are no one’s to read', () => {
  assert.doesNotMatch(shown('http://user:s3cret@host/x'), /s3cret/);
});

const HOSTILE: readonly [string, string][] = [
  ['/a b', '/a%20b'],
  ['/x\n→ GET /forged (id=1)', '/x%0A%E2%86%92%20GET%20/forged%20(id=1)'],
  ['/x?q="a"', '/x?q=%22a%22'],
  ['', ''],
];

for (const [url, expected] of HOSTILE) {
  test(`the received line of ${JSON.stringify(url)} is one line`, () => {
    assert.equal(shown(url), expected);
  });
}

test('a long target is shown without delay, whatever it repeats', () => {
  // Half of the 16 KiB that are allowed; a pattern that backtracks would take seconds here.
  const hostile = ['?key', '&key', 'key', '?', '&', '?key='].map(
    (part) => `/x?${part.repeat(Math.floor(8_000 / part.length))}`,
  );
  const started = performance.now();
  for (const url of hostile) receivedLine({ ...RECORD, method: 'GET', url });
  assert.ok(performance.now() - started < 500, `${performance.now() - started} ms`);
});
