import { provider } from 'agent-otel';
import OpenAI from 'openai';
import type { ModelClient, StreamOptions } from './model-client.js';

const model = 'gpt-5-mini';

/** OpenAI through its official package, whose own retries are reported attempt by attempt. */
export function createOpenAI(upstreamUrl: string): ModelClient {
  const client = new OpenAI({
    baseURL: `${upstreamUrl}/v1`,
    apiKey: 'local',
    logLevel: 'off',
    fetch: (url, init) => provider.attempt(() => fetch(url, init)),
  });

  async function* stream(prompt: string, { signal, call }: StreamOptions): AsyncGenerator<string> {
    const chunks = await client.chat.completions.create(
      {
        model,
        messages: [{ role: 'user', content: prompt }],
        stream: true,
        stream_options: { include_usage: true },
      },
      { signal },
    );
    for await (const { choices, usage } of chunks) {
      const text = choices[0]?.delta.content;
      if (text) yield text;
      if (usage) {
        call.used({ inputTokens: usage.prompt_tokens, outputTokens: usage.completion_tokens });
      }
    }
  }

  return { model, stream };
}
