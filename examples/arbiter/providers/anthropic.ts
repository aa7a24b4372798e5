import Anthropic from '@anthropic-ai/sdk';
import { provider } from 'agent-otel';
import type { ModelClient, StreamOptions } from './model-client.js';

const model = 'claude-sonnet-5';

/** Anthropic through its official package, whose own retries are reported attempt by attempt. */
export function createAnthropic(upstreamUrl: string): ModelClient {
  const client = new Anthropic({
    baseURL: upstreamUrl,
    apiKey: 'local',
    logLevel: 'off',
    fetch: (url, init) => provider.attempt(() => fetch(url, init)),
  });

  async function* stream(prompt: string, { signal, call }: StreamOptions): AsyncGenerator<string> {
    const events = await client.messages.create(
      { model, max_tokens: 1024, messages: [{ role: 'user', content: prompt }], stream: true },
      { signal },
    );
    let inputTokens: number | undefined;
    for await (const event of events) {
      if (event.type === 'message_start') inputTokens = event.message.usage.input_tokens;
      if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') {
        yield event.delta.text;
      }
      if (event.type === 'message_delta') {
        call.used({ inputTokens, outputTokens: event.usage.output_tokens });
      }
    }
  }

  return { model, stream };
}
