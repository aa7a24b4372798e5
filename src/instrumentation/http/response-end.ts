import type { ServerResponse } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { ResponseEnd } from '../../events/server-request.js';

/** What a socket reports when the other side has gone or cannot be reached any more. */
const CLIENT_GONE = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ETIMEDOUT']);

/**
 * How a response of HTTP/1.1 ended, seen when it has closed. `socket` is the one of its
 * request: the response has none any more.
 */
export function endOfResponse(response: ServerResponse, socket: Socket): ResponseEnd {
  const status = response.headersSent ? response.statusCode : undefined;
  if (response.writableFinished) return { status, outcome: 'completed' };
  // A client that goes away ends its side of the connection or breaks it; without either it
  // was the host that destroyed the response.
  const code = (socket.errored as { code?: string } | null)?.code ?? '';
  const gone = socket.readableEnded || CLIENT_GONE.has(code);
  return { status, outcome: gone ? 'aborted' : 'failed' };
}

/** NO_ERROR and INTERNAL_ERROR of RFC 9113, section 7: what a host's own end looks like. */
const NO_ERROR = 0;
const INTERNAL_ERROR = 2;

/** How a stream of HTTP/2 ended, seen when it has closed. */
export function endOfStream(stream: ServerHttp2Stream): ResponseEnd {
  const { aborted, rstCode } = stream;
  const sent = stream.headersSent ? stream.sentHeaders[':status'] : undefined;
  const status = typeof sent === 'number' ? sent : undefined;
  if (!aborted && rstCode === NO_ERROR) return { status, outcome: 'completed' };
  const byHost = rstCode === NO_ERROR || rstCode === INTERNAL_ERROR;
  return { status, outcome: byHost ? 'failed' : 'aborted' };
}
