import type { IncomingMessage, ServerResponse } from 'node:http';
import { finished } from 'node:stream/promises';
import type * as Zlib from 'node:zlib';
import { lazyRequire } from '../lazy-require.js';
import type { Surface } from '../catalog/documented.js';
import type { ApiKeys } from './api-keys.js';
import { acceptsGzip, prefersOpenMetrics } from './negotiation.js';
import type { Page, Pages } from './pages.js';
import { Left, writeAll } from './write-all.js';

/** What the router does besides answering. */
export interface RouterOptions {
  readonly pages: Pages;
  readonly surfaces: readonly Surface[];
  /** Undefined is open mode. */
  readonly keys: ApiKeys | undefined;
  /** A key was accepted: whose it is. */
  readonly onAuthenticated: (tenant: string) => void;
  /** A guarded path was asked for without a valid key. */
  readonly onUnauthorized: () => void;
  readonly onProblem: (key: string, problem: string, error?: unknown) => void;
}

/** What of a request decides who answers it. */
type RequestLine = Pick<IncomingMessage, 'method' | 'url'>;

/** Answers the documented paths. */
export interface Router {
  /** Whether a request is for a documented path, in a way that the document has. */
  readonly claims: (request: RequestLine) => boolean;
  /** Answers a documented path in the host's place; false leaves the request to the host. */
  readonly inline: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Answers every request to the admin listener. */
  readonly admin: (request: IncomingMessage, response: ServerResponse) => void;
}

interface Route {
  readonly guarded: boolean;
  readonly closesConnection: boolean;
  readonly page: (query: URLSearchParams, request: IncomingMessage) => Promise<Page>;
}

const EVERYTHING = '/metrics';

export function createRouter(options: RouterOptions): Router {
  const { pages, surfaces } = options;
  const inline = new Map<string, Route>();
  for (const surface of surfaces) {
    inline.set(surface.path, {
      guarded: surface.guarded,
      closesConnection: surface.closesConnection,
      page: (query) => pages.documented(surface, query),
    });
    if (surface.healthPath !== undefined) {
      inline.set(surface.healthPath, {
        guarded: false,
        closesConnection: false,
        page: () => pages.health(surface),
      });
    }
  }
  // The admin listener's `/metrics` is everything; Ash's own, of the same path, is inline.
  const admin = new Map(inline).set(EVERYTHING, {
    guarded: true,
    closesConnection: false,
    page: (_query, request) => pages.everything(prefersOpenMetrics(request.headers.accept)),
  });

  const routeOf = (request: RequestLine): Route | undefined =>
    isRead(request) ? inline.get(pathOf(request)) : undefined;

  return {
    claims: (request) => routeOf(request) !== undefined,
    inline(request, response) {
      const route = routeOf(request);
      if (route === undefined) return false;
      void answer(options, { route, request, response });
      return true;
    },
    admin(request, response) {
      const route = admin.get(pathOf(request));
      if (route === undefined) sendError(response, 404, { error: 'not found' });
      else if (!isRead(request)) {
        response.setHeader('Allow', 'GET, HEAD');
        sendError(response, 405, { error: 'method not allowed' });
      } else void answer(options, { route, request, response });
    },
  };
}

async function answer(
  options: RouterOptions,
  {
    route,
    request,
    response,
  }: { route: Route; request: IncomingMessage; response: ServerResponse },
): Promise<void> {
  try {
    if (route.guarded && options.keys !== undefined) {
      const tenant = options.keys.tenantOf(request.headers.authorization);
      if (tenant === undefined) {
        options.onUnauthorized();
        response.setHeader('WWW-Authenticate', 'Bearer');
        sendError(response, 401, { error: 'unauthorized' });
        return;
      }
      options.onAuthenticated(tenant);
    }
    const page = await route.page(queryOf(request), request);
    // Over HTTP/2 connections are not the answer's to close (RFC 9113, 8.2.2).
    if (route.closesConnection && request.httpVersionMajor === 1)
      response.setHeader('Connection', 'close');
    await send(response, acceptsGzip(request.headers['accept-encoding']) ? await gzip(page) : page);
  } catch (error) {
    if (error instanceof Left) return;
    options.onProblem('page', 'a page could not be rendered', error);
    if (!response.headersSent) sendError(response, 500, { error: 'internal error' });
    // What has begun must not look like a whole page.
    else response.destroy();
  }
}

/** A client that reads slowly holds nothing else up; a long page waits for it, unwritten. */
async function send(
  response: ServerResponse,
  { contentType, contentEncoding, body }: Page & { readonly contentEncoding?: string },
): Promise<void> {
  const headers = {
    'Content-Type': contentType,
    ...(contentEncoding !== undefined && { 'Content-Encoding': contentEncoding }),
  };
  if (!isWhole(body)) {
    response.writeHead(200, headers);
    // Who asks for the head alone has no use for the rest of the page.
    await writeAll(response.req.method === 'HEAD' ? [] : body, response);
    return;
  }
  const length = body.reduce((total, piece) => total + piece.length, 0);
  response.writeHead(200, { ...headers, 'Content-Length': length });
  response.cork();
  for (const piece of body) response.write(piece);
  response.end();
}

function isWhole(body: Page['body']): body is readonly Uint8Array[] {
  return Array.isArray(body);
}

/** In the thread pool: thousands of tenants are megabytes of text, a twentieth when packed. */
async function gzip({ contentType, body }: Page): Promise<Page & { contentEncoding: string }> {
  const { createGzip } = lazyRequire('node:zlib') as typeof Zlib;
  const packed: Uint8Array[] = [];
  const packer = createGzip().on('data', (piece: Uint8Array) => packed.push(piece));
  try {
    await Promise.all([
      writeAll(isWhole(body) ? [{ pieces: body }] : body, packer),
      finished(packer),
    ]);
  } finally {
    packer.destroy();
  }
  return { contentType, contentEncoding: 'gzip', body: packed };
}

function sendError(response: ServerResponse, status: number, body: { error: string }): void {
  const bytes = Buffer.from(`${JSON.stringify(body)}\n`, 'utf8');
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': bytes.length,
  });
  response.end(bytes);
}

function isRead({ method }: RequestLine): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** Asked of every request to a host that serves inline, so it looks no further than it must. */
function pathOf({ url = '/' }: RequestLine): string {
  // A proxy may send the absolute form, which servers must accept (RFC 9112, 3.2.2).
  const target = url.startsWith('/') ? url : url.replace(/^https?:\/\/[^/?#]*/i, '');
  const end = target.indexOf('?');
  return end === -1 ? target : target.slice(0, end);
}

function queryOf({ url = '' }: IncomingMessage): URLSearchParams {
  const start = url.indexOf('?');
  return new URLSearchParams(start === -1 ? '' : url.slice(start));
}
