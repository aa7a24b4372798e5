import diagnosticsChannel from 'node:diagnostics_channel';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { failureOfError } from '../../events/provider-failure.js';
import { replaceMethod } from '../patch.js';
import {
  headerOf,
  UndiciObserver,
  urlOf,
  type RawHeaders,
  type UndiciListener,
  type UndiciRequest,
} from '../undici-request.js';
import { operationOf } from './engine-api.js';
import type { EngineCalls, FollowedCall } from './engine-calls.js';
import type { WatchedCall } from './watched-call.js';

/**
 * Follows undici, in the package and behind the global `fetch`, over a socket as over TCP.
 * Its request objects are told of everything; which socket one goes to shows when its
 * headers are sent. Returns the undo.
 */
export function followUndici(calls: EngineCalls): () => void {
  const followed = new WeakMap<object, FollowedCall>();
  const paths = followSocketPaths();
  const observer = new UndiciObserver(calls.report);

  const onCreate = calls.guarded(([message]) => {
    const { request } = message as { request: UndiciRequest };
    const operation = operationOf(request.method, request.path);
    if (operation === undefined) return;
    const following = calls.follow(operation);
    followed.set(request, following);
    observer.observe(request, listenerOf(following.call));
  });
  const onSendHeaders = calls.guarded(([message]) => {
    const { request, socket } = message as { request: UndiciRequest; socket: object };
    followed.get(request)?.goesTo(paths.of(socket) ?? urlOf(request).host);
  });
  const undo = [
    subscribe('undici:request:create', onCreate),
    subscribe('undici:client:sendHeaders', onSendHeaders),
    paths.stop,
    () => {
      observer.stop();
    },
  ];
  return () => {
    for (const off of undo) off();
  };
}

function subscribe(channel: string, tell: (args: readonly unknown[]) => void): () => void {
  const listener = (message: unknown): void => {
    tell([message]);
  };
  diagnosticsChannel.subscribe(channel, listener);
  return () => {
    diagnosticsChannel.unsubscribe(channel, listener);
  };
}

function listenerOf(call: WatchedCall): UndiciListener {
  return {
    bodySent(chunk: unknown) {
      call.wrote(chunk);
    },
    headers(status: number, headers: RawHeaders) {
      if (status >= 200) call.answered(status, headerOf(headers));
    },
    upgrade(status: number, headers: RawHeaders, stream: Duplex) {
      call.answered(status, headerOf(headers));
      call.upgraded(stream);
    },
    data(chunk: Uint8Array) {
      call.received(chunk);
    },
    complete() {
      call.ended();
    },
    error(error: unknown) {
      if (isByHost(error)) call.givenUp();
      call.failed();
    },
  };
}

/** Undici's own timeouts are deadlines that the host has set; else a connection broke. */
function isByHost(error: unknown): boolean {
  const { cause, errorType } = failureOfError(error);
  return cause === 'other' || /^UND_ERR_(?:HEADERS|BODY)_TIMEOUT$/.test(errorType);
}

/** Remembers which sockets were connected to a path: afterwards Node does not say so. */
function followSocketPaths(): {
  readonly of: (socket: object) => string | undefined;
  readonly stop: () => void;
} {
  const paths = new WeakMap<object, string>();
  const stop = replaceMethod(
    Socket.prototype,
    'connect',
    (original) =>
      function (...args) {
        // `net.connect` hands on what it was given as a list.
        const [first] = Array.isArray(args[0]) ? (args[0] as unknown[]) : args;
        const path = (first as { path?: unknown } | null | undefined)?.path;
        if (typeof path === 'string') paths.set(this as object, path);
        return original.apply(this, args);
      },
  );
  return { of: (socket) => paths.get(socket), stop };
}
