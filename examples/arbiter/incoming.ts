import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Route } from 'agent-otel';
import type { Ask } from './orchestrate.js';
import { isProvider } from './providers/providers.js';

const MAX_BODY_BYTES = 1024 * 1024;
const MAX_DROPPED_BYTES = 8 * MAX_BODY_BYTES;

const ROUTES: readonly (readonly [RegExp, Route])[] = [
  [/^\/v1\/orchestrate$/, 'orchestrate'],
  [/^\/v1\/conversations\/[^/]+\/messages$/, 'messages'],
  [/^\/v1\/agents\/[^/]+\/chat$/, 'agent_chat'],
];

export function routeOf({ method, url = '' }: IncomingMessage): Route | undefined {
  if (method !== 'POST') return undefined;
  const [path = ''] = url.split('?', 1);
  return ROUTES.find(([pattern]) => pattern.test(path))?.[1];
}

/** The tenant that a bearer token names: `tenant-7-key` is tenant 7. */
export function tenantOf({ headers }: IncomingMessage): string | undefined {
  return /^Bearer +tenant-([1-9]\d{0,4})-key$/i.exec(headers.authorization ?? '')?.[1];
}

/** Reads the body, or nothing if it is larger than 1 MiB. Rejects when the client leaves. */
export async function readBody(req: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  // The loop may end early; the connection is still needed for the answer.
  for await (const chunk of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    // A client that is still sending rarely reads its answer, so the rest is dropped first.
    if (size > MAX_DROPPED_BYTES) break;
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return size <= MAX_BODY_BYTES ? Buffer.concat(chunks) : undefined;
}

/** What the body asks for, or a sentence on what is wrong with it. */
export function parseAsk(body: Buffer): Ask | string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString());
  } catch {
    return 'the body is not JSON';
  }
  const { message, provider = 'openai' } = Object(parsed) as Record<string, unknown>;
  if (typeof message !== 'string' || message === '') return 'message is a text that is not empty';
  if (!isProvider(provider)) return 'provider is anthropic, openai, gemini or ollama';
  return { message, provider };
}

/** Answers with an error in the shape that all errors of this server have. */
export function refuse(
  res: ServerResponse,
  refusal: {
    readonly status: number;
    readonly error: { readonly type: string; readonly [detail: string]: unknown };
    readonly headers?: Record<string, string>;
  },
): void {
  res.writeHead(refusal.status, { 'content-type': 'application/json', ...refusal.headers });
  res.end(JSON.stringify({ error: refusal.error }));
}
