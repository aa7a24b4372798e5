import { postJson, readLines } from './http.js';
import type { ModelClient, StreamOptions } from './model-client.js';

const model = 'gemini-2.5-flash';

/** One event of `streamGenerateContent`, as far as it is read here. */
interface Chunk {
  readonly candidates?: readonly { content?: { parts?: readonly { text?: string }[] } }[];
  readonly usageMetadata?: { promptTokenCount?: number; candidatesTokenCount?: number };
}

/** Gemini over its documented HTTP API. */
export function createGemini(upstreamUrl: string): ModelClient {
  const url = `${upstreamUrl}/v1beta/models/${model}:streamGenerateContent?alt=sse`;

  async function* stream(prompt: string, { signal, call }: StreamOptions): AsyncGenerator<string> {
    const body = { contents: [{ role: 'user', parts: [{ text: prompt }] }] };
    for await (const line of readLines(await postJson(url, { body, signal }))) {
      if (!line.startsWith('data:')) continue;
      const { candidates, usageMetadata } = JSON.parse(line.slice('data:'.length)) as Chunk;
      for (const { text } of candidates?.[0]?.content?.parts ?? []) if (text) yield text;
      if (usageMetadata) {
        const { promptTokenCount, candidatesTokenCount } = usageMetadata;
        call.used({ inputTokens: promptTokenCount, outputTokens: candidatesTokenCount });
      }
    }
  }

  return { model, stream };
}
