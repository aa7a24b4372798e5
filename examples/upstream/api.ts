import type { Answer } from './answer.js';

/** The parsed JSON body of a request. */
export type Body = Readonly<Record<string, unknown>>;

/** One of the model APIs that the upstream speaks, as far as streaming needs it. */
export interface Api {
  readonly path: RegExp;
  readonly contentType: string;
  /** The response header that carries the request's id, where the API has one. */
  readonly idHeader?: string;
  /** The user's latest text. */
  promptIn(body: Body): string;
  /** What is sent ahead of the first piece, for each piece, and at the end. */
  opening(reply: Reply): string;
  piece(text: string, reply: Reply): string;
  closing(reply: Reply): string;
  rateLimited(): Failed;
  unavailable(): Failed;
}

/** An answer on its way to one client. */
export interface Reply {
  readonly id: string;
  readonly model: string;
  readonly body: Body;
  readonly answer: Answer;
}

export interface Failed {
  readonly status: number;
  readonly body: object;
}

/** A server-sent event: named where the API names its events. */
export function sse(data: object | string, event?: string): string {
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  return `${event === undefined ? '' : `event: ${event}\n`}data: ${text}\n\n`;
}

/** The text of the last user message in a `messages` array, plain or in typed parts. */
export function lastUserText(messages: unknown, partsKey = 'content'): string {
  const last = records(messages).findLast((message) => message['role'] !== 'assistant');
  const content = last?.[partsKey];
  if (typeof content === 'string') return content;
  return records(content)
    .map(({ text }) => (typeof text === 'string' ? text : ''))
    .join('');
}

function records(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value)
    ? value.filter((item): item is Record<string, unknown> => Object(item) === item)
    : [];
}
