import { lastUserText, sse, type Api } from './api.js';

/** Gemini: `POST /v1beta/models/{model}:streamGenerateContent?alt=sse`. */
export const gemini: Api = {
  path: /^\/v1beta\/models\/[\w.-]+:streamGenerateContent$/,
  contentType: 'text/event-stream',
  promptIn: ({ contents }) => lastUserText(contents, 'parts'),
  opening: () => '',
  piece: (text, { model }) =>
    sse({ candidates: [{ index: 0, content: content(text) }], modelVersion: model }),
  closing: ({ model, answer: { inputTokens, outputTokens } }) =>
    sse({
      candidates: [{ index: 0, content: content(''), finishReason: 'STOP' }],
      usageMetadata: {
        promptTokenCount: inputTokens,
        candidatesTokenCount: outputTokens,
        totalTokenCount: inputTokens + outputTokens,
      },
      modelVersion: model,
    }),
  rateLimited: () => error(429, 'RESOURCE_EXHAUSTED', 'Resource has been exhausted.'),
  unavailable: () => error(503, 'UNAVAILABLE', 'The model is overloaded.'),
};

function content(text: string): object {
  return { role: 'model', parts: [{ text }] };
}

function error(code: number, status: string, message: string): { status: number; body: object } {
  return { status: code, body: { error: { code, message, status } } };
}
