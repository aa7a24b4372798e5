import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { endOfResponse, endOfStream } from '../../../../src/instrumentation/http/response-end.js';

const SENT = { headersSent: true, statusCode: 200 };
const RESPONSES: readonly (readonly [object, object, object])[] = [
  [{ ...SENT, writableFinished: true }, {}, { status: 200, outcome: 'completed' }],
  [SENT, { readableEnded: true }, { status: 200, outcome: 'aborted' }],
  [SENT, { errored: { code: 'ECONNRESET' } }, { status: 200, outcome: 'aborted' }],
  [SENT, { errored: { code: 'EPIPE' } }, { status: 200, outcome: 'aborted' }],
  [{}, { readableEnded: true }, { status: undefined, outcome: 'aborted' }],
  [SENT, {}, { status: 200, outcome: 'failed' }],
  [SENT, { errored: new Error('own') }, { status: 200, outcome: 'failed' }],
];

for (const [response, socket, expected] of RESPONSES) {
  test(`${JSON.stringify({ response, socket })} is ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(endOfResponse(response as ServerResponse, socket as Socket), expected);
  });
}

const STREAMS: readonly (readonly [aborted: boolean, rstCode: number, outcome: string])[] = [
  [false, 0, 'completed'],
  [true, 0, 'failed'],
  [true, 2, 'failed'],
  [false, 2, 'failed'],
  [true, 8, 'aborted'],
  [false, 8, 'aborted'],
];

for (const [aborted, rstCode, outcome] of STREAMS) {
  test(`a stream that ${aborted ? 'was cut off' : 'had ended'} with code ${rstCode} is ${outcome}`, () => {
    const stream = { aborted, rstCode, headersSent: true, sentHeaders: { ':status': 204 } };
    const end = endOfStream(stream as unknown as ServerHttp2Stream);
    assert.deepEqual(end, { status: 204, outcome });
  });
}
