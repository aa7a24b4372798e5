import { lastUserText, sse, type Api } from './api.js';

/** Anthropic's Messages: `POST /v1/messages` with `stream: true`. */
export const anthropic: Api = {
  path: /^\/v1\/messages$/,
  contentType: 'text/event-stream; charset=utf-8',
  idHeader: 'request-id',
  promptIn: ({ messages }) => lastUserText(messages),
  opening: ({ id, model, answer }) =>
    event('message_start', {
      message: {
        id: `msg_${id}`,
        type: 'message',
        role: 'assistant',
        model,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: answer.inputTokens, output_tokens: 1 },
      },
    }) + event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
  piece: (text) => event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } }),
  closing: ({ answer }) =>
    event('content_block_stop', { index: 0 }) +
    event('message_delta', {
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { output_tokens: answer.outputTokens },
    }) +
    event('message_stop', {}),
  rateLimited: () => ({ status: 429, body: error('rate_limit_error', 'Rate limit reached.') }),
  unavailable: () => ({ status: 529, body: error('overloaded_error', 'Overloaded.') }),
};

/** An event says its name twice, as its SSE type and in its data. */
function event(type: string, data: object): string {
  return sse({ type, ...data }, type);
}

function error(type: string, message: string): object {
  return { type: 'error', error: { type, message } };
}
