import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProviderRule } from '../../../../src/config/rules.js';
import {
  createRecognizer,
  type ModelRequest,
} from '../../../../src/instrumentation/provider/recognition.js';

type Headers = Readonly<Record<string, string>>;

function recognize(
  url: string,
  { headers = {}, rules = [] }: { headers?: Headers; rules?: readonly ProviderRule[] } = {},
): ModelRequest | undefined {
  const { hostname, port, protocol, pathname } = new URL(url);
  const recognizer = createRecognizer(rules);
  if (!recognizer.mayBe(pathname)) return undefined;
  return recognizer.recognize({
    host: hostname,
    port: Number(port) || (protocol === 'https:' ? 443 : 80),
    path: pathname,
    header: (name) => headers[name],
  });
}

/** URL of the provider's own host, and its provider, operation and model. */
const OWN_HOSTS: readonly (readonly [string, string, string, string?])[] = [
  ['https://api.openai.com/v1/chat/completions', 'openai', 'chat'],
  ['https://eu.api.openai.com/v1/responses', 'openai', 'chat'],
  ['https://api.openai.com/v1/completions', 'openai', 'text_completion'],
  ['https://api.openai.com/v1/embeddings', 'openai', 'embeddings'],
  ['https://api.openai.com/v1/images/generations', 'openai', 'generate_content'],
  ['https://api.openai.com/v1/audio/speech', 'openai', 'generate_content'],
  ['https://api.anthropic.com/v1/messages', 'anthropic', 'chat'],
  ['https://api.anthropic.com/v1/complete', 'anthropic', 'text_completion'],
  [
    'https://generativelanguage.googleapis.com/v1beta/models/gemini-x:streamGenerateContent',
    'gcp.gemini',
    'generate_content',
    'gemini-x',
  ],
  [
    'https://generativelanguage.googleapis.com/v1beta/models/embed-x:batchEmbedContents',
    'gcp.gemini',
    'embeddings',
    'embed-x',
  ],
  [
    'https://generativelanguage.googleapis.com/v1beta/openai/chat/completions',
    'gcp.gemini',
    'chat',
  ],
  [
    'https://europe-west1-aiplatform.googleapis.com/v1/projects/p/locations/l/publishers/anthropic/models/claude-x:streamRawPredict',
    'gcp.vertex_ai',
    'generate_content',
    'claude-x',
  ],
  [
    'https://aiplatform.googleapis.com/v1/projects/p/locations/l/publishers/google/models/text-embedding-5:predict',
    'gcp.vertex_ai',
    'embeddings',
    'text-embedding-5',
  ],
  [
    'https://mine.openai.azure.com/openai/deployments/gpt-x/chat/completions',
    'azure.ai.openai',
    'chat',
    'gpt-x',
  ],
  ['https://mine.openai.azure.com/openai/v1/responses', 'azure.ai.openai', 'chat'],
  ['https://mine.services.ai.azure.com/models/chat/completions', 'azure.ai.inference', 'chat'],
  [
    'https://mine.services.ai.azure.com/openai/deployments/e/embeddings',
    'azure.ai.openai',
    'embeddings',
    'e',
  ],
  [
    'https://bedrock-runtime.eu-west-1.amazonaws.com/model/anthropic.claude-x%3A0/converse-stream',
    'aws.bedrock',
    'chat',
    'anthropic.claude-x:0',
  ],
  ['https://bedrock-runtime.us-east-1.amazonaws.com/model/m/invoke', 'aws.bedrock', 'chat', 'm'],
  [
    'https://bedrock-runtime.us-east-1.amazonaws.com/model/m/invoke-with-bidirectional-stream',
    'aws.bedrock',
    'chat',
    'm',
  ],
  ['https://api.mistral.ai/v1/chat/completions', 'mistral_ai', 'chat'],
  ['https://codestral.mistral.ai/v1/fim/completions', 'mistral_ai', 'text_completion'],
  ['https://api.groq.com/openai/v1/chat/completions', 'groq', 'chat'],
  ['https://openrouter.ai/api/v1/chat/completions', 'openrouter', 'chat'],
  ['https://api.x.ai/v1/chat/completions', 'x_ai', 'chat'],
  ['https://api.deepseek.com/chat/completions', 'deepseek', 'chat'],
  ['https://api.deepseek.com/anthropic/v1/messages', 'deepseek', 'chat'],
  ['https://api.cohere.com/v2/chat', 'cohere', 'chat'],
  ['https://api.cohere.com/v2/embed', 'cohere', 'embeddings'],
  ['https://api.perplexity.ai/chat/completions', 'perplexity', 'chat'],
  ['https://api.moonshot.ai/v1/chat/completions', 'moonshot_ai', 'chat'],
  ['https://us-south.ml.cloud.ibm.com/ml/v1/text/chat', 'ibm.watsonx.ai', 'chat'],
  ['https://ollama.com/api/chat', 'ollama', 'chat'],
  ['http://127.0.0.1:11434/api/generate', 'ollama', 'text_completion'],
  ['http://ollama:8080/api/embed', 'ollama', 'embeddings'],
];

for (const [url, provider, operation, model] of OWN_HOSTS) {
  test(`${url} is a call to ${provider}`, () => {
    const found = recognize(url);
    assert.deepEqual(
      [found?.provider, found?.operation, found?.model],
      [provider, operation, model],
    );
  });
}

/** Paths and headers that tell a provider on a host that says nothing. */
const ELSEWHERE: readonly (readonly [string, Headers, string | undefined])[] = [
  ['/v1/chat/completions', {}, 'openai'],
  ['/gateway/v1/chat/completions', { 'user-agent': 'OpenAI/JS 7.5.0' }, 'openai'],
  ['/v1/chat/completions', { 'user-agent': 'Groq/JS 0.30.0' }, 'groq'],
  ['/v1/chat/completions', { 'user-agent': 'ai/7.0 ai-sdk/xai/3.0' }, 'x_ai'],
  ['/openai/deployments/d/chat/completions', {}, 'azure.ai.openai'],
  ['/v1/messages', { 'anthropic-version': '2023-06-01' }, 'anthropic'],
  ['/anthropic/v1/messages', {}, 'anthropic'],
  ['/v1beta/models/gemini-x:generateContent', {}, 'gcp.gemini'],
  ['/v1/publishers/google/models/gemini-x:generateContent', {}, 'gcp.vertex_ai'],
  ['/model/m/converse', {}, 'aws.bedrock'],
  ['/api/chat', { 'user-agent': 'ollama-js/0.6.4' }, 'ollama'],
  ['/v1/messages', {}, undefined],
  ['/api/chat', {}, undefined],
  ['/api/generate', {}, undefined],
  ['/v2/chat', {}, undefined],
];

for (const [path, headers, provider] of ELSEWHERE) {
  test(`${path} with ${JSON.stringify(headers)} elsewhere is ${provider ?? 'no call'}`, () => {
    assert.equal(recognize(`http://proxy.internal:4000${path}`, { headers })?.provider, provider);
  });
}

const NO_CALLS = [
  'https://api.openai.com/v1/models',
  'https://api.openai.com/v1/files',
  'https://api.openai.com/v1/batches',
  'https://api.openai.com/v1/moderations',
  'https://api.openai.com/v1/fine_tuning/jobs',
  'https://api.openai.com/v1/threads/thread_1/messages',
  'https://api.openai.com/v1/responses/resp_1/cancel',
  'https://api.openai.com/v1/traces/ingest',
  'https://api.anthropic.com/v1/messages/count_tokens',
  'https://api.anthropic.com/v1/messages/batches',
  'https://generativelanguage.googleapis.com/v1beta/models/gemini-x:countTokens',
  'https://aiplatform.googleapis.com/v1/projects/p/locations/l/endpoints/1:predict',
  'http://127.0.0.1:11434/api/pull',
  'http://127.0.0.1:11434/api/show',
  'https://bedrock-runtime.eu-west-1.amazonaws.com/guardrail/g/version/1/apply',
  'https://sts.amazonaws.com/',
  'https://oauth2.googleapis.com/token',
];

for (const url of NO_CALLS) {
  test(`${url} runs no model`, () => {
    assert.equal(recognize(url), undefined);
  });
}

for (const path of ['/v1/responses', '/v1/images/generations', '/v1/audio/speech']) {
  test(`${path} on a host that is not known needs a client that says what it is, or a model`, () => {
    const url = `http://proxy.internal${path}`;
    assert.equal(recognize(url)?.isCertain, false);
    for (const agent of ['OpenAI/JS 7.5.0', 'ai/7.0.173 ai-sdk-provider-utils/5.0.81']) {
      assert.equal(recognize(url, { headers: { 'user-agent': agent } })?.isCertain, true);
    }
    assert.equal(recognize(`https://api.openai.com${path}`)?.isCertain, true);
  });
}

const rule = (host: string, provider: string | null, path?: string): ProviderRule => ({
  host,
  provider,
  ...(path !== undefined && { path }),
});

test('a rule names the provider of a host, whose model calls stay what they were', () => {
  const rules = [rule('*.internal', 'mistral_ai')];
  const url = 'http://llm.internal/v1/chat/completions';
  assert.equal(recognize(url, { rules })?.provider, 'mistral_ai');
  assert.equal(recognize('http://llm.internal/v1/files', { rules }), undefined);
  assert.equal(recognize('http://llm.external/v1/chat/completions', { rules })?.provider, 'openai');
});

test('a rule with a path makes what it matches a model call', () => {
  const rules = [rule('llm.internal', 'acme', '/infer/*')];
  const found = recognize('http://llm.internal/infer/v2', { rules });
  assert.deepEqual([found?.provider, found?.operation, found?.isCertain], ['acme', 'chat', true]);
  assert.equal(recognize('http://llm.internal/other', { rules }), undefined);
});

test('a rule without a provider leaves a host alone', () => {
  const rules = [rule('api.openai.com', null)];
  assert.equal(recognize('https://api.openai.com/v1/responses', { rules }), undefined);
});

test('the first rule that matches decides, and a port narrows it', () => {
  const rules = [rule('127.0.0.1:4000', null), rule('127.0.0.1', 'acme')];
  const path = '/v1/chat/completions';
  assert.equal(recognize(`http://127.0.0.1:4000${path}`, { rules }), undefined);
  assert.equal(recognize(`http://127.0.0.1:5000${path}`, { rules })?.provider, 'acme');
});

test('what looks like a pattern in a rule is itself, but for the star', () => {
  const rules = [rule('a.b', 'acme')];
  assert.equal(recognize('http://axb/v1/chat/completions', { rules })?.provider, 'openai');
});

test('a path that cannot be decoded is taken as it is', () => {
  assert.equal(recognize('http://h/model/%E0%A4%A/invoke')?.model, '%E0%A4%A');
});
