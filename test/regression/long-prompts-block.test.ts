import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DocumentReader } from '../../src/instrumentation/provider/document-reader.js';
import { RequestBody } from '../../src/instrumentation/provider/request-body.js';

/** JSON in JSON, as the results of tools are: a quote that is escaped in every few bytes. */
const quoted = String.raw`say \"hi\" there, and so on. `;

// The model was looked for by an expression that began anew at each quote of a string that
// the cap had cut: 3 s for 64 KiB, minutes for a megabyte, with the event loop blocked.
test('a long prompt in front of the model costs milliseconds', () => {
  const prompt = `{"messages":[{"role":"user","content":"${quoted.repeat(200_000)}"}],"model":"m"}`;
  const chunks = prompt.match(/[^]{1,65536}/g) ?? [];
  const body = new RequestBody(true);
  for (const chunk of chunks) body.add(Buffer.from(chunk));
  const began = performance.now();
  body.finish();
  const elapsed = performance.now() - began;
  assert.ok(elapsed < 500, `${elapsed} ms`);
});

test('a long answer does as well', () => {
  const reader = new DocumentReader();
  reader.read(Buffer.from(`{"choices":[{"message":{"content":"${quoted.repeat(100_000)}"}}]}`));
  const began = performance.now();
  reader.end(() => undefined);
  const elapsed = performance.now() - began;
  assert.ok(elapsed < 500, `${elapsed} ms`);
});
