import assert from 'node:assert/strict';
import { test } from 'node:test';
import zlib from 'node:zlib';
import type { Answer } from '../../../../src/instrumentation/provider/answer.js';
import { createAnswerReader } from '../../../../src/instrumentation/provider/answer-reader.js';
import { answerTo } from '../../../fixtures/providers/answers.js';

/** Reads a body in pieces of a size, and gives the answer when all of it is read. */
async function read(
  body: Uint8Array,
  { type, encoding = '', size = body.length }: { type: string; encoding?: string; size?: number },
): Promise<Answer> {
  const reader = createAnswerReader(type, encoding);
  for (let at = 0; at < body.length; at += size) reader.read(body.subarray(at, at + size));
  await new Promise<void>((resolve) => {
    reader.end(resolve);
  });
  return reader.answer;
}

const ASKED = { model: 'm', stream: true, stream_options: { include_usage: true } };
const BODIES: Readonly<Record<string, readonly [string, object]>> = {
  'a document': ['/v1/chat/completions', { model: 'm' }],
  'a stream of events': ['/v1/chat/completions', ASKED],
  'a stream of named events': ['/v1/messages', ASKED],
  'a stream of responses events': ['/v1/responses', ASKED],
  'a stream with carriage returns': ['/m:streamGenerateContent?alt=sse', {}],
  'a stream that is one array': ['/m:streamGenerateContent', {}],
  'a stream of lines': ['/api/chat', { model: 'm' }],
};

for (const [what, [path, asked]] of Object.entries(BODIES)) {
  const { type, chunks } = answerTo(path, JSON.stringify(asked));
  const body = Buffer.concat(chunks);
  for (const size of [1, 7, 1000, body.length]) {
    test(`${what} is read in pieces of ${size} bytes`, async () => {
      const { usage, model } = await read(body, { type, size });
      assert.deepEqual(usage, { inputTokens: 9, outputTokens: 12 });
      assert.notEqual(model, undefined);
    });
  }
}

// Longer than what is gathered at once, with what counts far apart.
const word = 'data: {"choices":[{"index":0,"delta":{"content":"vielé Wörter "}}]}\n\n';
const reason = (index: number, text: string): string =>
  `data: {"choices":[{"index":${index},"delta":{},"finish_reason":"${text}"}]}\n\n`;
const LONG_STREAM = Buffer.from(
  [
    'data: {"model":"","choices":[]}\n\n',
    `data: {"id":"c-1","model":"m","choices":[]}\n\n`,
    word.repeat(400),
    reason(0, 'stop'),
    word.repeat(400),
    `data: {"choices":[{"index":1,"delta":{"content":"${'long '.repeat(6000)}"}}]}\n\n`,
    reason(1, 'length'),
    'data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":12}}\n\n',
    'data: [DONE]\n\n',
  ].join(''),
);

for (const size of [1, 7, 1000, 16_384, 20_000, LONG_STREAM.length]) {
  test(`a long stream in pieces of ${size} bytes is read whole`, async () => {
    const answer = await read(LONG_STREAM, { type: 'text/event-stream', size });
    assert.deepEqual(answer.facts, { id: 'c-1', model: 'm', finishReasons: ['stop', 'length'] });
    assert.deepEqual(answer.usage, { inputTokens: 9, outputTokens: 12 });
    assert.equal(answer.isFinished, true);
  });
}

test('what a stream has said so far is known before its end', () => {
  const reader = createAnswerReader('text/event-stream', '');
  reader.read(Buffer.from('data: {"id":"c-1","model":"m"}\n\ndata: {"usage":{"prompt_tok'));
  assert.deepEqual(reader.answer.facts, { id: 'c-1', model: 'm', finishReasons: [] });
  assert.equal(reader.answer.usage.inputTokens, undefined);
  reader.read(Buffer.from('ens":9}}\n\n'));
  assert.equal(reader.answer.usage.inputTokens, 9);
});

test('bytes that somebody takes away after they came have been read', async () => {
  const reader = createAnswerReader('text/event-stream', '');
  const chunk = Uint8Array.from(Buffer.from('data: {"model":"m","usage":{"prompt_tokens":9}}\n\n'));
  reader.read(chunk);
  structuredClone(chunk, { transfer: [chunk.buffer] });
  await new Promise<void>((resolve) => {
    reader.end(resolve);
  });
  assert.equal(reader.answer.usage.inputTokens, 9);
});

const document = Buffer.from('{"model":"m","usage":{"prompt_tokens":9,"completion_tokens":12}}');
const compress = {
  gzip: zlib.gzipSync,
  'x-gzip': zlib.gzipSync,
  deflate: zlib.deflateSync,
  'deflate without a wrapper': zlib.deflateRawSync,
  br: zlib.brotliCompressSync,
};

for (const [name, encode] of Object.entries(compress)) {
  const [encoding = ''] = name.split(' ');
  test(`a body in ${name} is read when it is complete`, async () => {
    const { usage } = await read(encode(document), { type: 'application/json', encoding, size: 5 });
    assert.deepEqual(usage, { inputTokens: 9, outputTokens: 12 });
  });

  test(`a short body in ${name} that becomes a long one is read`, async () => {
    const line = 'data: {"model":"m","usage":{"prompt_tokens":9}}\n\n';
    const body = encode(Buffer.from(line + 'data: {}\n\n'.repeat(100_000)));
    assert.ok(body.length < 16_384, String(body.length));
    const { usage } = await read(body, { type: 'text/event-stream', encoding });
    assert.equal(usage.inputTokens, 9);
  });

  test(`what there is of a stream in ${name} that was cut is read`, async () => {
    const line = 'data: {"model":"m","usage":{"prompt_tokens":9}}\n\ndata: [DONE]\n\n';
    const whole = encode(Buffer.from(line + 'data: {}\n'.repeat(200)));
    const answer = await read(whole.subarray(0, -4), { type: 'text/event-stream', encoding });
    assert.deepEqual([answer.usage.inputTokens, answer.isFinished], [9, true]);
  });
}

test('a coding that is not known, and a body that is none of it, leave the answer unknown', async () => {
  for (const encoding of ['compress', 'gzip']) {
    const { usage } = await read(document, { type: 'application/json', encoding });
    assert.deepEqual(usage, { inputTokens: undefined, outputTokens: undefined });
  }
});

test('of a long document the usage at its end is read, and no word of its text', async () => {
  const text = 'x'.repeat(200_000);
  const body = JSON.stringify({
    id: 'chatcmpl-1',
    model: 'm',
    choices: [{ message: { content: `${text}"usage":{"prompt_tokens":70}` } }],
    usage: { prompt_tokens: 9, completion_tokens: 12, details: { cached: 1 } },
  });
  const answer = await read(Buffer.from(body), { type: 'application/json', size: 1000 });
  assert.deepEqual(answer.usage, { inputTokens: 9, outputTokens: 12 });
  assert.deepEqual([answer.id, answer.model], ['chatcmpl-1', 'm']);
});

test('a text that speaks of usage at the end of a long document is no usage', async () => {
  const text = `${'x'.repeat(200_000)}"usage":{"prompt_tokens":70}`;
  const body = JSON.stringify({ model: 'm', choices: [{ text }] });
  const { usage } = await read(Buffer.from(body), { type: 'application/json' });
  assert.deepEqual(usage, { inputTokens: undefined, outputTokens: undefined });
});

test('the usage of a long event is read', async () => {
  const event = {
    type: 'response.completed',
    response: {
      id: 'resp_1',
      model: 'm',
      output: 'x'.repeat(200_000),
      usage: { input_tokens: 9, output_tokens: 12 },
    },
  };
  const body = Buffer.from(`event: response.completed\ndata: ${JSON.stringify(event)}\n\n`);
  const { usage } = await read(body, { type: 'text/event-stream', size: 4096 });
  assert.deepEqual(usage, { inputTokens: 9, outputTokens: 12 });
});

/** A frame of Amazon's event stream, without checksums that anybody reads. */
function frame(headers: string, payload: unknown): Buffer {
  const head = Buffer.from(headers);
  const body = Buffer.from(JSON.stringify(payload));
  const buffer = Buffer.alloc(12 + head.length + body.length + 4);
  buffer.writeUInt32BE(buffer.length, 0);
  buffer.writeUInt32BE(head.length, 4);
  head.copy(buffer, 12);
  body.copy(buffer, 12 + head.length);
  return buffer;
}

const EVENT_STREAM = 'application/vnd.amazon.eventstream';

for (const size of [1, 13, 100_000]) {
  test(`Bedrock's event stream is read in pieces of ${size} bytes`, async () => {
    const wrapped = Buffer.from('{"model":"m","usage":{"input_tokens":9}}').toString('base64');
    const body = Buffer.concat([
      frame(':event-type\x07\x00\x05chunk', { bytes: wrapped }),
      frame('long', { text: 'x'.repeat(70_000) }),
      frame(':event-type\x07\x00\x08metadata', { usage: { inputTokens: 9, outputTokens: 12 } }),
    ]);
    const { usage, model, isFinished } = await read(body, { type: EVENT_STREAM, size });
    assert.deepEqual([usage, model], [{ inputTokens: 9, outputTokens: 12 }, 'm']);
    assert.equal(isFinished, true);
  });
}

test("an exception in Bedrock's event stream is the answer's error", async () => {
  const headers =
    ':exception-type\x07\x00\x13throttlingException:message-type\x07\x00\x09exception';
  const { error } = await read(frame(headers, { message: 'slow down' }), { type: EVENT_STREAM });
  assert.deepEqual(error, { type: 'throttlingException' });
});

test('bytes that are no event stream are given up', async () => {
  const { usage } = await read(Buffer.alloc(64), { type: EVENT_STREAM });
  assert.equal(usage.inputTokens, undefined);
});
