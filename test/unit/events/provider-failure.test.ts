import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureOfAnswer, failureOfError } from '../../../src/events/provider-failure.js';

function errorWith(properties: object, name?: string): Error {
  return Object.assign(new Error('x'), properties, name === undefined ? {} : { name });
}

const ANSWERS: readonly [string, { status?: number; type?: string }, string | undefined][] = [
  ['200', { status: 200 }, undefined],
  ['304', { status: 304 }, undefined],
  ['400', { status: 400 }, '400'],
  ['429', { status: 429 }, '429'],
  ['500', { status: 500 }, '500'],
  ['529', { status: 529 }, '529'],
  ['a status beyond 599', { status: 600 }, undefined],
  ['NaN', { status: NaN }, undefined],
  ['nothing', {}, undefined],
  ['rate_limit_error', { type: 'rate_limit_error' }, '429'],
  ['rate_limit_error with status 200', { status: 200, type: 'rate_limit_error' }, '429'],
  ['RESOURCE_EXHAUSTED', { type: 'RESOURCE_EXHAUSTED' }, '429'],
  ['overloaded_error', { type: 'overloaded_error' }, '529'],
  ['another type', { status: 400, type: 'invalid_request_error' }, '400'],
];

for (const [what, answer, expected] of ANSWERS) {
  test(`an answer with ${what} is ${expected ?? 'no failure'}`, () => {
    const failure = failureOfAnswer(answer);
    assert.equal(failure?.errorType, expected);
    if (expected !== undefined) assert.equal(failure?.cause, 'upstream');
  });
}

const cause = (code: string): Error =>
  new TypeError('fetch failed', { cause: errorWith({ code }) });
const nested = (...levels: object[]): object =>
  levels.reduceRight((inner, level) => ({ ...level, error: inner }));

const UPSTREAM: readonly [string, unknown, string][] = [
  ['the status of an SDK error', errorWith({ status: 503 }), '503'],
  ['a 429', errorWith({ status: 429 }), '429'],
  ['a 4xx', errorWith({ status: 404 }), '404'],
  [
    'Anthropic’s rate_limit_error, nested',
    nested({ status: undefined }, { type: 'error' }, { type: 'rate_limit_error' }),
    '429',
  ],
  [
    'Google’s RESOURCE_EXHAUSTED, nested',
    nested({}, { code: 429, status: 'RESOURCE_EXHAUSTED' }),
    '429',
  ],
  [
    'a body that says rate_limit_error under a 400',
    nested({ status: 400 }, { type: 'rate_limit_error' }),
    '429',
  ],
  ['ECONNRESET', errorWith({ code: 'ECONNRESET' }), 'ECONNRESET'],
  ['ECONNREFUSED in the cause of fetch', cause('ECONNREFUSED'), 'ECONNREFUSED'],
  ['UND_ERR_SOCKET in the cause of fetch', cause('UND_ERR_SOCKET'), 'UND_ERR_SOCKET'],
  ['a DNS failure', cause('ENOTFOUND'), 'ENOTFOUND'],
  ['a TLS failure', cause('CERT_HAS_EXPIRED'), 'CERT_HAS_EXPIRED'],
  ['a cause two levels down', new Error('x', { cause: cause('EPIPE') }), 'EPIPE'],
  ['fetch failed without a cause', new TypeError('fetch failed'), 'socket'],
  ['a terminated body', new TypeError('terminated'), 'socket'],
  ['an SDK’s connection error', errorWith({}, 'APIConnectionError'), 'APIConnectionError'],
];

for (const [what, error, expected] of UPSTREAM) {
  test(`an error with ${what} is the provider’s, as ${expected}`, () => {
    assert.deepEqual(failureOfError(error), { cause: 'upstream', errorType: expected });
  });
}

const abort = new DOMException('x', 'AbortError');
const nodeAbort = errorWith({ code: 'ABORT_ERR' }, 'AbortError');

const OTHER: readonly [string, unknown, string][] = [
  ['an abort', abort, 'aborted'],
  ['Node’s own AbortError, which has a code', nodeAbort, 'aborted'],
  ['undici’s RequestAbortedError', errorWith({ code: 'UND_ERR_ABORTED' }, 'AbortError'), 'aborted'],
  ['an SDK’s user abort', errorWith({}, 'APIUserAbortError'), 'aborted'],
  ['a deadline', new DOMException('x', 'TimeoutError'), 'timeout'],
  ['a bug', new RangeError('x'), 'RangeError'],
  ['no error at all', 'x', '_OTHER'],
];

for (const [what, error, expected] of OTHER) {
  test(`${what} is the host’s own doing, as ${expected}`, () => {
    assert.deepEqual(failureOfError(error), { cause: 'other', errorType: expected });
  });
}

const OTHER_CAUSES: readonly [string, unknown][] = [
  ['an abort wrapped in another error', new Error('x', { cause: abort })],
  ['an abort with a code, wrapped in another error', new Error('x', { cause: nodeAbort })],
  ['a URL that cannot be parsed', cause('ERR_INVALID_URL')],
  [
    'an argument of the wrong type',
    Object.assign(new TypeError('x'), { code: 'ERR_INVALID_ARG_TYPE' }),
  ],
  ['a code of the host’s own', errorWith({ code: 'TOOL_NOT_ALLOWED' })],
  ['a code in lower case', errorWith({ code: 'insufficient_quota' })],
];

for (const [what, error] of OTHER_CAUSES) {
  test(`${what} broke no socket and is the host’s own doing`, () => {
    assert.equal(failureOfError(error).cause, 'other');
  });
}

test('errors that refer to themselves are sorted like others', () => {
  const error: { cause?: unknown; error?: unknown } = {};
  error.cause = error;
  error.error = error;
  assert.equal(failureOfError(error).cause, 'other');
});
