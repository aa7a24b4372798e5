import { once } from 'node:events';
import {
  createServer,
  request,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { SURFACES } from '../../../src/catalog/surfaces.js';
import type { ApiKeys } from '../../../src/endpoint/api-keys.js';
import { createPages, type PageSources } from '../../../src/endpoint/pages.js';
import { createRouter } from '../../../src/endpoint/router.js';
import { Ledger } from '../../../src/ledger/ledger.js';
import { withError } from '../../support/runtime.js';

/** An answer as it came over the wire. */
export interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A router behind a real HTTP server, and what it told of. */
export interface Served {
  readonly ledger: Ledger;
  readonly authenticated: string[];
  readonly problems: string[];
  readonly unauthorized: () => number;
  readonly ask: (
    path: string,
    options?: { method?: string; headers?: Record<string, string> },
  ) => Promise<Answer>;
}

export interface ServeOptions extends Partial<PageSources> {
  /** The admin listener's side of the router, or the inline one before a host. */
  readonly side?: 'admin' | 'inline';
  readonly keys?: ApiKeys;
}

/** Status of the host behind an inline router. */
export const HOST_STATUS = 299;

/** Serves the three documents on a free port for the length of a test. */
export async function serve(t: TestContext, options: ServeOptions = {}): Promise<Served> {
  const { side = 'admin', keys, ...sources } = options;
  const ledger = sources.ledger ?? new Ledger({ tenantLimit: 10, now: () => 0 });
  const authenticated: string[] = [];
  const problems: string[] = [];
  let unauthorized = 0;
  const onProblem = (_key: string, problem: string, error?: unknown): void => {
    problems.push(withError(problem, error));
  };
  const router = createRouter({
    pages: createPages({
      ledger,
      surfaces: SURFACES,
      sessions: () => (keys === undefined ? [] : undefined),
      hideTenants: keys !== undefined,
      serializeOthers: () => undefined,
      onProblem,
      ...sources,
    }),
    surfaces: SURFACES,
    keys,
    onAuthenticated: (tenant) => authenticated.push(tenant),
    onUnauthorized: () => {
      unauthorized++;
    },
    onProblem,
  });
  const server = createServer((incoming, response) => {
    if (side === 'admin') router.admin(incoming, response);
    else if (!router.inline(incoming, response)) response.writeHead(HOST_STATUS).end('host');
  });
  await listen(t, server);
  const { port } = server.address() as AddressInfo;
  return {
    ledger,
    authenticated,
    problems,
    unauthorized: () => unauthorized,
    ask: async (path, { method = 'GET', headers = {} } = {}) => {
      const asked = request({ port, path, method, headers, agent: false, host: '127.0.0.1' }).end();
      const [response] = (await once(asked, 'response')) as [IncomingMessage];
      let body = '';
      for await (const chunk of response.setEncoding('utf8')) body += String(chunk);
      return { status: response.statusCode, headers: response.headers, body };
    },
  };
}

async function listen(t: TestContext, server: Server): Promise<void> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
}
