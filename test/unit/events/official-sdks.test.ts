import assert from 'node:assert/strict';
import { test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { provider } from '../../../src/events/provider.js';
import { startRuntime, type TestRuntime } from '../../support/runtime.js';

/** The promise type of both packages, as far as these tests go. */
interface ApiPromise extends Promise<{ id: string }> {
  asResponse(): Promise<Response>;
  withResponse(): Promise<{ data: { id: string }; response: Response }>;
}

type Answer = () => Promise<Response>;

const json = (body: object, status = 200): Response =>
  new Response(JSON.stringify(body), {
    status,
    headers: { 'Content-Type': 'application/json' },
  });

const good: Answer = () => Promise.resolve(json({ id: 'answer', choices: [], content: [] }));

/** Each package with a fetch that asks no network, and its attempts reported. */
const CLIENTS: Readonly<Record<'openai' | 'anthropic', (answer: Answer) => () => ApiPromise>> = {
  openai: (answer) => {
    const fetch = (): Promise<Response> => provider.attempt(answer);
    const client = new OpenAI({ apiKey: 'none', baseURL: 'http://test.invalid', fetch });
    return () => client.chat.completions.create({ model: 'm', messages: [] });
  },
  anthropic: (answer) => {
    const fetch = (): Promise<Response> => provider.attempt(answer);
    const client = new Anthropic({ apiKey: 'none', baseURL: 'http://test.invalid', fetch });
    return () => client.messages.create({ model: 'm', max_tokens: 1, messages: [] });
  },
};

function counts({ sample }: TestRuntime, name: string): (number | undefined)[] {
  return ['calls', 'retries', '5xx', '429'].map((family) =>
    sample(`arbiter_provider_${family}_total{provider="${name}"}`),
  );
}

for (const [name, connect] of Object.entries(CLIENTS)) {
  test(`a call of the ${name} package is one call, and its answer is untouched`, async (t) => {
    const agent = startRuntime(t);
    const { id } = await provider.call({ provider: name }, connect(good));
    assert.equal(id, 'answer');
    assert.deepEqual(counts(agent, name), [1, 0, 0, 0]);
    assert.equal(agent.spans().length, 1);
  });

  test(`withResponse of the ${name} package works through provider.call`, async (t) => {
    const agent = startRuntime(t);
    const { data, response } = await provider
      .call({ provider: name }, connect(good))
      .withResponse();
    assert.deepEqual([data.id, response.status], ['answer', 200]);
    assert.deepEqual(counts(agent, name), [1, 0, 0, 0]);
  });

  test(`asResponse of the ${name} package has its body unread through provider.call`, async (t) => {
    startRuntime(t);
    const response = await provider.call({ provider: name }, connect(good)).asResponse();
    assert.match(await response.text(), /"answer"/);
  });

  test(`an answer 400 of the ${name} package is thrown on and in neither family`, async (t) => {
    const agent = startRuntime(t);
    const refuse = connect(() => Promise.resolve(json({ error: { message: 'no' } }, 400)));
    await assert.rejects(provider.call({ provider: name }, refuse), { status: 400 });
    assert.deepEqual(counts(agent, name), [1, 0, 0, 0]);
  });

  test(`the retries of the ${name} package are counted, one failure an attempt`, async (t) => {
    const agent = startRuntime(t);
    const headers = { 'retry-after-ms': '1' };
    const answers = [
      new Response('', { status: 429, headers }),
      new Response('', { status: 503, headers }),
    ];
    const retried = connect(() => {
      const next = answers.shift();
      return next === undefined ? good() : Promise.resolve(next);
    });
    await provider.call({ provider: name }, retried);
    assert.deepEqual(counts(agent, name), [1, 2, 1, 1]);
  });
}
