import type { IncomingMessage } from 'node:http';
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
} from '../catalog/attributes.js';
import type { IncomingRequest } from '../events/server-request.js';

/** The methods that the HTTP conventions know; others are `_OTHER`. */
const KNOWN_METHODS = new Set([
  'CONNECT',
  'DELETE',
  'GET',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'POST',
  'PUT',
  'QUERY',
  'TRACE',
]);

/** Describes a request by the stable HTTP conventions. Queries are left out: they hold keys. */
export function describeRequest(request: IncomingMessage): IncomingRequest {
  const { method: original = '', socket, headers } = request;
  const method = KNOWN_METHODS.has(original) ? original : '_OTHER';
  const scheme = (socket as Partial<TLSSocket>).encrypted === true ? 'https' : 'http';
  const attributes: Attributes = {
    [ATTR_HTTP_REQUEST_METHOD]: method,
    [ATTR_URL_PATH]: pathOf(request.url ?? ''),
    [ATTR_URL_SCHEME]: scheme,
    [ATTR_NETWORK_PROTOCOL_VERSION]: request.httpVersion,
  };
  if (method !== original) attributes[ATTR_HTTP_REQUEST_METHOD_ORIGINAL] = original;
  if (socket.remoteAddress !== undefined) {
    attributes[ATTR_NETWORK_PEER_ADDRESS] = socket.remoteAddress;
  }
  if (socket.localAddress !== undefined) attributes[ATTR_SERVER_ADDRESS] = socket.localAddress;
  if (socket.localPort !== undefined) attributes[ATTR_SERVER_PORT] = socket.localPort;
  return { method, scheme, attributes, headers };
}

/** The path of a request target, without its query; of an absolute-form target as well. */
export function pathOf(target: string): string {
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
