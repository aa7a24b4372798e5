import type { IncomingMessage } from 'node:http';
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Attributes } from '@opentelemetry/api';
import {
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_REQUEST_METHOD_ORIGINAL,
  ATTR_NETWORK_PEER_ADDRESS,
  ATTR_NETWORK_PROTOCOL_VERSION,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_URL_PATH,
  ATTR_URL_SCHEME,
} from '../../catalog/attributes.js';
import { HTTP_METHODS } from '../../catalog/vocabulary.js';
import type { RequestHeaders, Tracing } from '../../events/runtime.js';
import type { IncomingRequest } from '../../events/server-request.js';
import { isNamed } from '../headers.js';

const KNOWN_METHODS: ReadonlySet<string> = new Set(HTTP_METHODS);

/** Whether somebody may export what is described. */
type Exports = Pick<Tracing, 'mayExport'>;

/** Describes a request by the stable HTTP conventions. Queries are left out: they hold keys. */
export function describeRequest(request: IncomingMessage, { mayExport }: Exports): IncomingRequest {
  const { method = '', url = '', httpVersion, socket } = request;
  const scheme = (socket as Partial<TLSSocket>).encrypted === true ? 'https' : 'http';
  const headers = new UnreadHeaders(request);
  return describe({
    method,
    target: url,
    scheme,
    version: httpVersion,
    socket,
    headers,
    mayExport,
  });
}

/** Describes a stream of HTTP/2 by the same conventions. */
export function describeStream(
  { session }: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  { mayExport }: Exports,
): IncomingRequest {
  return describe({
    mayExport,
    method: headers[':method'] ?? '',
    target: headers[':path'] ?? '',
    scheme: headers[':scheme'] === 'https' ? 'https' : 'http',
    version: '2',
    socket: session?.socket,
    headers: { has: (name) => headers[name] !== undefined, all: () => headers },
  });
}

/** The headers of a request whose host may never ask for the object of them. */
class UnreadHeaders implements RequestHeaders {
  readonly #request: Pick<IncomingMessage, 'rawHeaders' | 'headers'>;

  constructor(request: Pick<IncomingMessage, 'rawHeaders' | 'headers'>) {
    this.#request = request;
  }

  has(name: string): boolean {
    const { rawHeaders } = this.#request;
    for (let i = 0; i < rawHeaders.length; i += 2) {
      if (isNamed(rawHeaders[i], name)) return true;
    }
    return false;
  }

  all(): IncomingHttpHeaders {
    return this.#request.headers;
  }
}

function describe({
  method: original,
  target,
  scheme,
  version,
  socket,
  headers,
  mayExport,
}: Exports & {
  method: string;
  target: string;
  scheme: 'http' | 'https';
  version: string;
  socket: Addressed | undefined;
  headers: IncomingRequest['headers'];
}): IncomingRequest {
  const method = KNOWN_METHODS.has(original) ? original : '_OTHER';
  // One by one: an object with computed names is made anew, name by name, once V8 forgot its shape.
  const attributes: Attributes = {};
  attributes[ATTR_HTTP_REQUEST_METHOD] = method;
  attributes[ATTR_URL_PATH] = pathOf(target);
  if (method !== original) attributes[ATTR_HTTP_REQUEST_METHOD_ORIGINAL] = original;
  // Asking adds to the socket, and Node's code is slower where its sockets differ in shape: each
  // is asked at its first request, whose span may not be exported, or none is.
  if (mayExport) addressesOf(socket);
  const details = (exported: Attributes): void => {
    exported[ATTR_URL_SCHEME] = scheme;
    exported[ATTR_NETWORK_PROTOCOL_VERSION] = version;
    const { remoteAddress, localAddress, localPort } = addressesOf(socket);
    if (remoteAddress !== undefined) exported[ATTR_NETWORK_PEER_ADDRESS] = remoteAddress;
    if (localAddress !== undefined) exported[ATTR_SERVER_ADDRESS] = localAddress;
    if (localPort !== undefined) exported[ATTR_SERVER_PORT] = localPort;
  };
  return { method, scheme, attributes, details, headers };
}

const ADDRESSES = Symbol('agent-otel.addresses');
type Addresses = {
  [Name in 'remoteAddress' | 'localAddress' | 'localPort']?: Socket[Name] | undefined;
};
type Addressed = Addresses & { [ADDRESSES]?: Addresses };

/** Who talks to whom over a connection. A socket finds that out anew whenever it is asked. */
function addressesOf(socket: Addressed | undefined): Addresses {
  if (socket === undefined) return {};
  const known = socket[ADDRESSES];
  if (known !== undefined) return known;
  const { remoteAddress, localAddress, localPort } = socket;
  return (socket[ADDRESSES] = { remoteAddress, localAddress, localPort });
}

/** A target that is its own path: no scheme, query or fragment, and nothing beyond ASCII. */
const PLAIN_PATH = /^\/[^?#\u0080-\u00ff]*$/;

/** The path of a request target, without its query; of an absolute-form target as well. */
export function pathOf(target: string): string {
  if (PLAIN_PATH.test(target)) return target;
  const absolute = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i.exec(target)?.[0];
  const rest = absolute === undefined ? target : target.slice(absolute.length);
  const path = rest.replace(/[?#].*$/s, '');
  return wireBytes(path === '' && absolute !== undefined ? '/' : path);
}

/** Node reads a target's bytes as Latin-1; those beyond ASCII are shown as they came. */
export function wireBytes(text: string): string {
  return text.replace(
    /[\u0080-\u00ff]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
