import type { ServerResponse } from 'node:http';
import { session as sessionEvents } from 'agent-otel';
import type { Sandbox } from './sandbox.js';
import type { SessionView } from './sessions.js';

export interface AnswerOptions {
  readonly session: SessionView;
  readonly sandbox: Sandbox;
  readonly content: string;
  /** The response that the events are streamed to. */
  readonly response: ServerResponse;
}

type EventName = 'session_start' | 'message' | 'error' | 'done';

/** Streams the answer to a message as server-sent events. Never rejects. */
export async function streamAnswer(options: AnswerOptions): Promise<void> {
  const { session, sandbox, content, response } = options;
  const message = sessionEvents.message(session.id);
  message.located({ sandbox: sandbox.id });

  const clientLeft = new AbortController();
  response.once('close', () => {
    clientLeft.abort();
  });
  // Writing to a client that is leaving may fail before the response is closed.
  response.on('error', () => {
    clientLeft.abort();
  });
  if (response.destroyed) clientLeft.abort();

  const send = (name: EventName, data: object): void => {
    if (clientLeft.signal.aborted) return;
    response.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
    message.eventSent(name);
  };

  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' });
  const { id: sessionId, agentName, sandboxId } = session;
  send('session_start', { sessionId, agentName, sandboxId });
  let chunks = 0;
  try {
    await sandbox.ask({
      content,
      signal: clientLeft.signal,
      onChunk: (text) => {
        chunks++;
        send('message', { text });
      },
    });
    send('done', { ok: true, chunks });
  } catch (error) {
    send('error', { message: error instanceof Error ? error.message : String(error) });
    send('done', { ok: false, chunks });
  } finally {
    message.end();
    response.end();
  }
}
