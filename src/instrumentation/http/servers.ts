import http from 'node:http';
import type https from 'node:https';
import net from 'node:net';
import type { RouteRule } from '../../config/rules.js';
import { lazyRequire } from '../../lazy-require.js';
import type { OnAttachment } from '../attachments.js';
import { replaceMethod } from '../patch.js';
import { follow, type Arrival, type Arrive, type FollowerOptions } from './follower.js';
import { createHttp1Arrive, patchResponseEmit, patchWriteHead } from './http1.js';
import { createHttp2Arrive } from './http2.js';
import { followFrameworks } from './routes/frameworks.js';
import { planRoute } from './rules/route-plan.js';
import { createRouteMatcher } from './rules/route-matcher.js';

/** What the instrumentation of HTTP servers is given. */
export interface HttpServerOptions extends Omit<FollowerOptions, 'routes'> {
  /** What requests mean; the first rule that matches counts. */
  readonly rules: readonly RouteRule[];
  /** Told of the first `listen` of an HTTP server, after it was called. */
  readonly onFirstListen: () => void;
  readonly onAttachment?: OnAttachment;
}

/**
 * Follows every request of every HTTP server in the process, of HTTP/1.1 and HTTP/2: its
 * event from arrival to the end of its response, what the rules make of it, and
 * `X-Request-Id` on the way out. Returns what undoes it all.
 */
export function instrumentHttpServers(options: HttpServerOptions): () => void {
  const routes = createRouteMatcher(options.rules.map(planRoute));
  const { onAttachment = () => undefined } = options;
  const followerOptions = { ...options, routes };
  const http1 = createHttp1Arrive(followerOptions);
  const http2 = createHttp2Arrive(followerOptions);
  const either: Arrive = (...arriving) => http1(...arriving) ?? http2.arrive(...arriving);
  const frameworks = followFrameworks(options.runtime, onAttachment);
  onAttachment({
    target: 'HTTP/1.1 servers',
    attached: true,
    ...(isWrapped(http.Server.prototype) && {
      note: 'another instrumentation had wrapped them: its server spans are used',
    }),
  });
  const restores = [patchWriteHead(), patchResponseEmit(), http2.restore, frameworks.restore];
  const patched = new Set<object>();
  const patch = (prototype: object, arrive: Arrive): boolean => {
    if (patched.has(prototype)) return false;
    patched.add(prototype);
    restores.push(patchEmit(prototype, { options: followerOptions, arrive }));
    return true;
  };
  // Servers of HTTP and HTTPS emit through it, whichever is loaded, unless somebody has wrapped
  // theirs before us.
  patch(net.Server.prototype, http1);
  if (isWrapped(http.Server.prototype)) {
    for (const { Server } of [http, loadHttps()]) {
      if (isWrapped(Server.prototype)) patch(Server.prototype, http1);
    }
  }
  let isFirst = true;
  restores.push(
    patchListen(options, (server) => {
      const prototype = http2PrototypeOf(server);
      // Supervisors and loaders talk to their children over servers that speak no HTTP.
      if (prototype === undefined && !speaksHttp1(server)) return;
      if (prototype !== undefined && patch(prototype, either)) {
        onAttachment({ target: 'HTTP/2 servers', attached: true });
      }
      frameworks.look();
      if (isFirst) options.onFirstListen();
      isFirst = false;
    }),
  );
  return () => {
    for (const restore of restores) restore();
  };
}

/** With what it needs it is a megabyte of memory, which a process without HTTPS can do without. */
function loadHttps(): typeof https {
  return lazyRequire('node:https') as typeof https;
}

function speaksHttp1(server: net.Server): boolean {
  return server instanceof http.Server || server instanceof loadHttps().Server;
}

/** The classes of HTTP/2 servers are not exported; their instances come by at `listen`. */
const HTTP2_SERVERS = new Set(['Http2Server', 'Http2SecureServer']);

/** The prototype of the HTTP/2 class that a server is of. */
function http2PrototypeOf(server: net.Server): object | undefined {
  for (
    let prototype: object | null = server;
    prototype !== null && prototype !== net.Server.prototype;
    prototype = Object.getPrototypeOf(prototype) as object | null
  ) {
    const { constructor } = Object.getOwnPropertyDescriptors(prototype) as {
      constructor?: PropertyDescriptor;
    };
    const made: unknown = constructor?.value;
    if (typeof made === 'function' && HTTP2_SERVERS.has(made.name)) return prototype;
  }
  return undefined;
}

interface Following {
  readonly options: FollowerOptions;
  readonly arrive: Arrive;
}

function patchEmit(prototype: object, following: Following): () => void {
  const { options, arrive } = following;
  // Whoever has wrapped `emit` before us makes its server span inside of our wrapper, where
  // only a listener can see it.
  const wrappedBefore = isWrapped(prototype);
  return replaceMethod(
    prototype,
    'emit',
    (original) =>
      function (name, ...args) {
        const server = this as net.Server;
        const event = name as string;
        const arrival = arrive(server, event, args);
        if (arrival === undefined) return original.call(this, event, ...args);
        if (wrappedBefore && !arrival.isClaimed) {
          followInListener(following, { server, event });
          return original.call(this, event, ...args);
        }
        const next = (): unknown => original.call(this, event, ...args);
        const request = follow(options, arrival)?.event;
        if (request === undefined) return next();
        return request.handle(() => (arrival.isClaimed && answered(options, arrival)) || next());
      },
  );
}

function isWrapped(prototype: object): boolean {
  return Object.hasOwn(prototype, 'emit');
}

/** Our listeners, by server and event: each is added once, and stands before the host's. */
const listened = new WeakMap<net.Server, Set<string>>();

function followInListener(
  { options, arrive }: Following,
  { server, event }: { server: net.Server; event: string },
): void {
  const events = listened.get(server) ?? new Set<string>();
  listened.set(server, events);
  if (events.has(event)) return;
  events.add(event);
  server.prependListener(event, (...args: unknown[]) => {
    const arrival = arrive(server, event, args);
    if (arrival !== undefined) follow(options, arrival);
  });
}

function answered({ runtime }: FollowerOptions, arrival: Arrival): boolean {
  try {
    arrival.answer();
    return true;
  } catch (error) {
    runtime.reportOnce('inline', 'a documented path could not be served', error);
    return false;
  }
}

function patchListen(
  { runtime }: HttpServerOptions,
  onListen: (server: net.Server) => void,
): () => void {
  const target = net.Server.prototype as unknown as { listen: (...args: unknown[]) => net.Server };
  const original = target.listen;
  const listen = function (this: net.Server, ...args: unknown[]): net.Server {
    const server = original.apply(this, args);
    try {
      onListen(this);
    } catch (error) {
      runtime.reportOnce('listen', 'telemetry could not be started', error);
    }
    return server;
  };
  target.listen = listen;
  return () => {
    if (target.listen === listen) target.listen = original;
  };
}
