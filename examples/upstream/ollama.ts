import { lastUserText, type Api, type Reply } from './api.js';

interface Line {
  readonly content: string;
  readonly done: boolean;
  readonly [figure: string]: unknown;
}

/** Ollama's chat: `POST /api/chat`, newline-delimited JSON. */
export const ollama: Api = {
  path: /^\/api\/chat$/,
  contentType: 'application/x-ndjson',
  promptIn: ({ messages }) => lastUserText(messages),
  opening: () => '',
  piece: (content, reply) => line(reply, { content, done: false }),
  closing: (reply) =>
    line(reply, {
      content: '',
      done: true,
      done_reason: 'stop',
      prompt_eval_count: reply.answer.inputTokens,
      eval_count: reply.answer.outputTokens,
    }),
  rateLimited: () => ({ status: 429, body: { error: 'too many requests' } }),
  unavailable: () => ({ status: 503, body: { error: 'server busy, please try again' } }),
};

function line({ model }: Reply, { content, ...rest }: Line): string {
  const message = { role: 'assistant', content };
  return `${JSON.stringify({ model, created_at: new Date().toISOString(), message, ...rest })}\n`;
}
