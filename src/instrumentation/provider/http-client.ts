import { ClientRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { failureOfError, type Failure } from '../../events/provider-failure.js';
import { guard, type Runtime } from '../../events/runtime.js';
import { isTimeout } from '../../events/outcome.js';
import type { Attempt } from './attempt.js';
import type { ClientSource } from './client-source.js';
import { pathOf, type OutgoingRequest } from './outgoing-request.js';
import { beforeCall, replaceMethod } from '../patch.js';

const FOLLOWED = Symbol('agent-otel.attempt');

/**
 * Follows the clients of `node:http` and `node:https`, whoever made the request and with
 * whatever agent. On those that are model calls the methods through which bytes and events
 * pass are observed: no listener is added, since one of `response` or `data` would change
 * what the host gets.
 */
export function followHttpClients({
  runtime,
  mayBe,
  begin,
  onAttachment,
}: ClientSource): () => void {
  const isKnown = '_storeHeader' in ClientRequest.prototype;
  onAttachment({
    target: 'node:http clients',
    attached: isKnown,
    ...(!isKnown && { note: 'this Node sends their headers in a way that we do not know' }),
  });
  // Called for each request when its headers are complete and nothing was sent.
  return replaceMethod(
    ClientRequest.prototype,
    '_storeHeader',
    (original) =>
      function (...args) {
        const request = this as ClientRequest;
        if (request.method === 'POST' && !(FOLLOWED in request) && mayBe(pathOf(request.path))) {
          guard(runtime, () => {
            const attempt = begin(describe(request, args[1]));
            if (attempt === undefined) return;
            Object.defineProperty(request, FOLLOWED, { value: true });
            observe(request, { runtime, attempt });
          });
        }
        return original.apply(this, args);
      },
  );
}

interface Followed {
  readonly runtime: Runtime;
  readonly attempt: Attempt;
}

function observe(request: ClientRequest, { runtime, attempt }: Followed): void {
  const guarded =
    (handle: (first: unknown, second: unknown) => void) =>
    ([first, second]: readonly unknown[]): void => {
      guard(runtime, () => {
        handle(first, second);
      });
    };
  let calledOff: Failure | undefined;
  const onDestroy = (error: unknown): void => {
    calledOff ??= { cause: 'other', errorType: isTimeout(error) ? 'timeout' : 'aborted' };
  };
  beforeCall(
    request,
    '_send',
    guarded((data: unknown, encoding: unknown) => {
      if (data instanceof Uint8Array) attempt.bodySent(data);
      else if (typeof data === 'string') {
        attempt.bodySent(Buffer.from(data, encoding as BufferEncoding));
      }
    }),
  );
  beforeCall(request, 'destroy', guarded(onDestroy));
  beforeCall(
    request,
    'emit',
    guarded((event: unknown, value: unknown) => {
      switch (event) {
        case 'finish':
          attempt.requestSent();
          break;
        case 'response':
          observeResponse(value as IncomingMessage, { attempt, guarded, onDestroy });
          break;
        case 'error':
          attempt.broke(calledOff ?? failureOfError(value));
          break;
        case 'close':
          attempt.broke(calledOff ?? { cause: 'upstream', errorType: 'ECONNRESET' });
          break;
      }
    }),
  );
}

function observeResponse(
  response: IncomingMessage,
  {
    attempt,
    guarded,
    onDestroy,
  }: {
    attempt: Attempt;
    guarded: (handle: (first: unknown) => void) => (args: readonly unknown[]) => void;
    onDestroy: (error: unknown) => void;
  },
): void {
  attempt.responded(response.statusCode ?? 0, (name) => {
    const value = response.headers[name];
    return Array.isArray(value) ? value[0] : value;
  });
  beforeCall(
    response,
    'push',
    guarded((chunk) => {
      if (chunk instanceof Uint8Array) attempt.received(chunk);
      else if (chunk === null && response.complete) attempt.completed();
    }),
  );
  beforeCall(
    response,
    'destroy',
    guarded((error) => {
      // Node destroys a response whose connection has gone; a host, one whose connection is there.
      const socket = response.socket as Socket | null;
      if (socket !== null && !socket.destroyed && !response.complete) onDestroy(error);
    }),
  );
}

function describe(request: ClientRequest, headers: unknown): OutgoingRequest {
  const header = (name: string): string | undefined => {
    const own = Array.isArray(headers) ? inList(headers, name) : request.getHeader(name);
    return typeof own === 'string' ? own : undefined;
  };
  // To a proxy without a tunnel goes the whole URL.
  const base = `${request.protocol}//${header('host') ?? request.host}`;
  const url = new URL(request.path, base);
  return {
    host: url.hostname.toLowerCase(),
    port: Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
    path: url.pathname,
    header,
  };
}

/** Headers given as a list: names and values in turn. */
function inList(headers: readonly unknown[], name: string): unknown {
  const flat = headers.flat();
  const at = flat.findIndex((own, i) => i % 2 === 0 && String(own).toLowerCase() === name);
  return at === -1 ? undefined : flat[at + 1];
}
