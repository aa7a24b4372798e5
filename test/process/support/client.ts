import { once } from 'node:events';
import http, { type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';
import net from 'node:net';
import { text } from 'node:stream/consumers';

export interface Answered {
  readonly status: number;
  readonly statusMessage: string;
  readonly headers: IncomingHttpHeaders;
  /** Names as they were sent. */
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

/** One request on a connection of its own, which does not outlive it. */
export async function send(
  url: string,
  {
    body,
    ...options
  }: { method?: string; headers?: OutgoingHttpHeaders; agent?: http.Agent; body?: string } = {},
): Promise<Answered> {
  const request = http.request(url, { agent: false, ...options });
  request.end(body);
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  return {
    status: response.statusCode ?? 0,
    statusMessage: response.statusMessage ?? '',
    headers: response.headers,
    rawHeaders: response.rawHeaders,
    body: await text(response),
  };
}

/** The ids that answers carried. */
export function requestId({ headers }: Pick<Answered, 'headers'>): string {
  const id = headers['x-request-id'];
  return typeof id === 'string' ? id : '';
}

/** Writes bytes to a server as they are, and gives back all it answers until it closes. */
export async function sendRaw(url: string, bytes: string | Uint8Array): Promise<string> {
  const socket = net.connect({ host: '127.0.0.1', port: Number(new URL(url).port) });
  socket.write(bytes);
  return text(socket.setEncoding('latin1'));
}

/** A port on loopback that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
