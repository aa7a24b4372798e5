import type { ClientHttp2Session, ClientHttp2Stream, OutgoingHttpHeaders } from 'node:http2';
import type * as Http2 from 'node:http2';
import { Duplex } from 'node:stream';
import { failureOfError, type Failure } from '../../events/provider-failure.js';
import { guard, type Runtime } from '../../events/runtime.js';
import { isTimeout } from '../../events/outcome.js';
import { lazyRequire } from '../../lazy-require.js';
import type { Attempt } from './attempt.js';
import type { ClientSource } from './client-source.js';
import type { OnLoaded } from './loading.js';
import type { HeaderOf } from '../headers.js';
import { pathOf, type OutgoingRequest } from './outgoing-request.js';
import { beforeCall, replaceMethod } from '../patch.js';

export interface Http2Clients {
  readonly onLoaded: OnLoaded;
  /** Looks whether the module has been loaded by an ES module, of which nothing tells. */
  readonly look: () => void;
  readonly stop: () => void;
}

/**
 * Follows the clients of `node:http2`, as AWS's packages for Bedrock use it. The module is
 * not loaded for it: that takes 10 ms, and few hosts need it. Undici's own requests over
 * HTTP/2 are left to its channels.
 */
export function followHttp2Clients(source: ClientSource): Http2Clients {
  let restore: (() => void) | undefined;
  return {
    onLoaded(request, exports) {
      if (request !== 'node:http2' && request !== 'http2') return;
      guard(source.runtime, () => {
        if (restore !== undefined) return;
        restore = patchSessions(sessionPrototype(exports as typeof Http2), source);
        source.onAttachment({ target: 'node:http2 clients', attached: true });
      });
    },
    look() {
      const { moduleLoadList: loaded } = process as { moduleLoadList?: readonly string[] };
      // By way of `onLoaded`.
      if (loaded?.includes('NativeModule http2') === true) lazyRequire('node:http2');
    },
    stop: () => restore?.(),
  };
}

/**
 * The class of sessions is not exported. One that leads nowhere has it, before the host can
 * have one of its own.
 */
function sessionPrototype({ connect }: typeof Http2): object {
  const nowhere = new Duplex({
    read: () => undefined,
    write: (_chunk, _encoding, onDone: () => void) => {
      onDone();
    },
  });
  const session = connect('http://localhost', { createConnection: () => nowhere });
  session.destroy();
  return Object.getPrototypeOf(session) as object;
}

function patchSessions(prototype: object, { runtime, mayBe, begin }: ClientSource): () => void {
  return replaceMethod(
    prototype,
    'request',
    (original) =>
      function (...args) {
        const stream = original.apply(this, args) as ClientHttp2Stream;
        // Nothing has been sent so far: that takes another turn of the loop.
        guard(runtime, () => {
          const { sentHeaders } = stream;
          if (sentHeaders[':method'] !== 'POST' || !mayBe(pathOf(String(sentHeaders[':path'])))) {
            return;
          }
          if (isOfUndici(this as ClientHttp2Session)) return;
          const attempt = begin(describe(sentHeaders));
          const session = this as ClientHttp2Session;
          if (attempt !== undefined) observe(stream, { session, runtime, attempt });
        });
        return stream;
      },
  );
}

/** Undici keeps its books on the session. */
function isOfUndici(session: ClientHttp2Session): boolean {
  return Object.getOwnPropertySymbols(session).some(
    ({ description }) => description === 'open streams',
  );
}

interface Followed {
  readonly session: ClientHttp2Session;
  readonly runtime: Runtime;
  readonly attempt: Attempt;
}

/** The methods through which a stream's bytes and events pass are observed, as over HTTP/1.1. */
function observe(stream: ClientHttp2Stream, { session, runtime, attempt }: Followed): void {
  const before = (name: string, tell: (args: readonly unknown[]) => void): void => {
    beforeCall(stream, name, (args) => {
      guard(runtime, () => {
        tell(args);
      });
    });
  };
  let hasTimedOut = false;
  let hasAnswer = false;
  let broken: Failure | undefined;
  const giveUp = (failure: Failure): void => {
    broken ??= failure;
  };

  before('_write', ([chunk, encoding]) => {
    sent(attempt, { chunk, encoding });
  });
  before('_writev', ([chunks]) => {
    for (const each of chunks as readonly Chunk[]) sent(attempt, each);
  });
  before('push', ([chunk]) => {
    if (chunk instanceof Uint8Array) attempt.received(chunk);
    // A stream that is closed or destroyed has its end as well.
    else if (chunk === null && hasAnswer && broken === undefined) attempt.completed();
  });
  before('close', () => {
    // Node closes the streams of a connection that is lost.
    giveUp(isLost(session) ? RESET : calledOff(hasTimedOut));
  });
  before('destroy', ([error]) => {
    if (isLost(session) || stream.rstCode !== 0) giveUp(error == null ? RESET : failureOf(error));
    else if (isOfProtocol(error)) giveUp(failureOf(error));
    else giveUp(calledOff(hasTimedOut || isTimeout(error)));
  });
  before('emit', ([event, value]) => {
    switch (event) {
      case 'finish':
        attempt.requestSent();
        break;
      case 'response': {
        const headers = value as OutgoingHttpHeaders;
        hasAnswer = true;
        attempt.responded(Number(headers[':status'] ?? 0), headerIn(headers));
        break;
      }
      case 'timeout':
        hasTimedOut = true;
        break;
      case 'error':
        attempt.broke(broken ?? failureOf(value));
        break;
      case 'close':
        attempt.broke(broken ?? RESET);
        break;
    }
  });
}

interface Chunk {
  readonly chunk: unknown;
  readonly encoding: unknown;
}

function sent(attempt: Attempt, { chunk, encoding }: Chunk): void {
  if (chunk instanceof Uint8Array) attempt.bodySent(chunk);
  else if (typeof chunk === 'string') {
    attempt.bodySent(Buffer.from(chunk, encoding as BufferEncoding));
  }
}

/** The other side has reset the stream, or the connection is gone. */
const RESET: Failure = { cause: 'upstream', errorType: 'ERR_HTTP2_STREAM_ERROR' };

function calledOff(isTimeout: boolean): Failure {
  return { cause: 'other', errorType: isTimeout ? 'timeout' : 'aborted' };
}

function isLost(session: ClientHttp2Session): boolean {
  return (session.socket as { destroyed?: boolean } | undefined)?.destroyed === true;
}

function isOfProtocol(error: unknown): boolean {
  return codeOf(error).startsWith('ERR_HTTP2_');
}

/** A stream is cancelled because of what happened to its connection. */
function failureOf(error: unknown): Failure {
  const { cause } = error as { cause?: unknown };
  return failureOfError(
    codeOf(error) === 'ERR_HTTP2_STREAM_CANCEL' && cause !== undefined ? cause : error,
  );
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | null | undefined)?.code);
}

function describe(headers: OutgoingHttpHeaders): OutgoingRequest {
  const header = headerIn(headers);
  const authority = header(':authority') ?? header('host') ?? '';
  const url = new URL(`${header(':scheme') ?? 'https'}://${authority}${header(':path') ?? ''}`);
  return {
    host: url.hostname.toLowerCase(),
    port: Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
    path: url.pathname,
    header,
  };
}

/** Names are sent in lower case, however the host has written them. */
function headerIn(headers: OutgoingHttpHeaders): HeaderOf {
  return (name) => {
    const value =
      headers[name] ??
      Object.entries(headers).find(([written]) => written.toLowerCase() === name)?.[1];
    const first = Array.isArray(value) ? value[0] : value;
    return first === undefined ? undefined : String(first);
  };
}
