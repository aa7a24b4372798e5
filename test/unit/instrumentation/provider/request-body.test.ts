import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestBody } from '../../../../src/instrumentation/provider/request-body.js';

function finish(...chunks: string[]): ReturnType<RequestBody['finish']> {
  const body = new RequestBody(true);
  for (const chunk of chunks) body.add(Buffer.from(chunk));
  return body.finish();
}

const MODELS: Readonly<Record<string, string | undefined>> = {
  '{"model":"m"}': 'm',
  '{ "messages" : [ {"model":"inner"} ], "model" : "m" }': 'm',
  '{"messages":[{"content":"say \\"model\\":\\"no\\" and {["}],"model":"m"}': 'm',
  '{"messages":[{"content":"\\\\"}],"model":"caf\\u00e9"}': 'café',
  '{"inner":{"model":"no"}}': undefined,
  '{"model":7}': undefined,
  '{"model":"m","messages":[{"content":"cut he': 'm',
  '{"x":"model","y":1}': undefined,
  '{"x":"model","model" \r\n:\t"m"}': 'm',
  '{"model":"m': undefined,
  '{"model":"m\\"': undefined,
  '{"model":': undefined,
  '{"model"': undefined,
  '{"modex":"no","models":"no"}': undefined,
  'not json': undefined,
  '': undefined,
};

for (const [text, model] of Object.entries(MODELS)) {
  test(`the model of ${text === '' ? 'no body' : text} is ${model ?? 'unknown'}`, () => {
    assert.equal(finish(text).model, model);
  });
}

test('the model is found after a long prompt, and not after an endless one', () => {
  const after = (length: number): string =>
    `{"messages":[{"content":"${'x'.repeat(length)}"}],"model":"m"}`;
  assert.equal(finish(after(500_000)).model, 'm');
  assert.equal(finish(after(2_000_000)).model, undefined);
});

test('a text that is too long to be the name of a model is none', () => {
  const named = (length: number): string => `{"model":"${'m'.repeat(length)}"}`;
  assert.equal(finish(named(1_000)).model?.length, 1_000);
  assert.equal(finish(named(5_000)).model, undefined);
});

test('the model is found in a body in chunked coding', () => {
  const json = ['{"messages":[],', '"model":"m"}'];
  const chunked = json.map((part) => `${part.length.toString(16)}\r\n${part}\r\n`);
  assert.equal(finish(...chunked, '0\r\n\r\n').model, 'm');
});

test('the digest is that of the body, however it was cut, and none of no body', () => {
  assert.equal(finish('abc', 'def').digest, finish('abcdef').digest);
  assert.notEqual(finish('abc').digest, finish('abd').digest);
  assert.notEqual(finish('abc').digest, finish('abc\0').digest);
  const long = 'x'.repeat(1_000_000);
  assert.notEqual(finish(long, 'a').digest, finish(long, 'b').digest);
  assert.equal(finish().digest, undefined);
});

test('where the path has named the model, the body is not searched for one', () => {
  const body = new RequestBody(false);
  body.add(Buffer.from('{"model":"m"}'));
  const { digest, model } = body.finish();
  assert.equal(model, undefined);
  assert.equal(digest, finish('{"model":"m"}').digest);
});
