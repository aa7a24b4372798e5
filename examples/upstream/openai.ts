import { lastUserText, sse, type Api, type Reply } from './api.js';

/** OpenAI's Chat Completions: `POST /v1/chat/completions` with `stream: true`. */
export const openai: Api = {
  path: /^\/v1\/chat\/completions$/,
  contentType: 'text/event-stream; charset=utf-8',
  idHeader: 'x-request-id',
  promptIn: ({ messages }) => lastUserText(messages),
  opening: (reply) => chunk(reply, { delta: { role: 'assistant', content: '' } }),
  piece: (content, reply) => chunk(reply, { delta: { content } }),
  closing: (reply) =>
    chunk(reply, { delta: {}, finish_reason: 'stop' }) +
    (wantsUsage(reply) ? usage(reply) : '') +
    sse('[DONE]'),
  rateLimited: () => ({
    status: 429,
    body: error('Rate limit reached.', { type: 'rate_limit_error', code: 'rate_limit_exceeded' }),
  }),
  unavailable: () => ({
    status: 503,
    body: error('The server is overloaded.', { type: 'server_error', code: null }),
  }),
};

function chunk(reply: Reply, choice: { delta: object; finish_reason?: 'stop' }): string {
  const choices = [{ index: 0, finish_reason: null, ...choice }];
  return sse({ ...envelope(reply), choices });
}

function usage(reply: Reply): string {
  const { inputTokens, outputTokens } = reply.answer;
  return sse({
    ...envelope(reply),
    choices: [],
    usage: {
      prompt_tokens: inputTokens,
      completion_tokens: outputTokens,
      total_tokens: inputTokens + outputTokens,
    },
  });
}

function envelope({ id, model }: Reply): object {
  const created = Math.trunc(Date.now() / 1000);
  return { id: `chatcmpl-${id}`, object: 'chat.completion.chunk', created, model };
}

function wantsUsage({ body }: Reply): boolean {
  const options = body['stream_options'] as { include_usage?: unknown } | null | undefined;
  return options?.include_usage === true;
}

function error(message: string, kind: { type: string; code: string | null }): object {
  return { error: { message, param: null, ...kind } };
}
