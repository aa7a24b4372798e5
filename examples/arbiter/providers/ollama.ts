import { postJson, readLines } from './http.js';
import type { ModelClient, StreamOptions } from './model-client.js';

const model = 'llama3.2';

/** One line of `/api/chat`, as far as it is read here. */
interface Chunk {
  readonly message?: { content?: string };
  readonly done?: boolean;
  readonly prompt_eval_count?: number;
  readonly eval_count?: number;
}

/** Ollama over its documented HTTP API. */
export function createOllama(upstreamUrl: string): ModelClient {
  async function* stream(prompt: string, { signal, call }: StreamOptions): AsyncGenerator<string> {
    const body = { model, messages: [{ role: 'user', content: prompt }], stream: true };
    for await (const line of readLines(
      await postJson(`${upstreamUrl}/api/chat`, { body, signal }),
    )) {
      if (line === '') continue;
      const { message, done, prompt_eval_count, eval_count } = JSON.parse(line) as Chunk;
      if (message?.content) yield message.content;
      if (done) call.used({ inputTokens: prompt_eval_count, outputTokens: eval_count });
    }
  }

  return { model, stream };
}
