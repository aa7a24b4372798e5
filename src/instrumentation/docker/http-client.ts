import { ClientRequest, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { replaceMethod, type Method } from '../patch.js';
import { operationOf } from './engine-api.js';
import type { EngineCalls } from './engine-calls.js';
import type { WatchedCall } from './watched-call.js';

/**
 * Follows the clients of `node:http` by the calls that Node makes on their objects: no
 * listener is added, and nothing is read that the host does not read. Returns the undo.
 */
export function followHttpClients(calls: EngineCalls): () => void {
  const followed = new WeakMap<ClientRequest, WatchedCall>();
  let isStopped = false;

  const onWrite = calls.guarded(([request, chunk, encoding]) => {
    if (isStopped) return;
    const target = request as ClientRequest;
    let call = followed.get(target);
    if (call === undefined) {
      const operation = operationOf(target.method, target.path);
      if (operation === undefined) return;
      const following = calls.follow(operation);
      call = following.call;
      followed.set(target, call);
      observe(target, call);
      following.goesTo(endpointOf(target));
    }
    call.wrote(chunk, encoding);
  });

  const observed = (original: Method): Method =>
    function (...args) {
      onWrite([this, ...args]);
      return Reflect.apply(original, this, args);
    };
  const undo = ['write', 'end'].map((name) =>
    replaceMethod(ClientRequest.prototype, name, observed),
  );
  return () => {
    isStopped = true;
    for (const off of undo) off();
  };
}

function observe(request: ClientRequest, call: WatchedCall): void {
  watchDestroy(request, call);
  call.watch(request, 'emit', ([event, value, stream]) => {
    const response = value as IncomingMessage;
    if (event === 'response') observeResponse(response, call);
    else if (event === 'upgrade') {
      answered(response, call);
      call.upgraded(stream as Duplex);
    } else if (event === 'error') call.failed();
  });
}

function observeResponse(response: IncomingMessage, call: WatchedCall): void {
  answered(response, call);
  watchDestroy(response.socket, call);
  watchDestroy(response, call);
  call.watch(response, 'push', ([chunk]) => {
    if (chunk !== null) call.received(chunk);
    else if (response.complete) call.ended();
  });
  call.watch(response, 'emit', ([event]) => {
    if (event === 'aborted' || event === 'close') call.failed();
  });
}

function answered({ statusCode = 0, headers }: IncomingMessage, call: WatchedCall): void {
  call.answered(statusCode, (name) => {
    const value = headers[name];
    return Array.isArray(value) ? value[0] : value;
  });
}

function watchDestroy(target: Duplex | ClientRequest | IncomingMessage, call: WatchedCall): void {
  call.watch(target, 'destroy', () => {
    // Node destroys the response of a connection that is lost.
    const isLost = 'socket' in target && target.socket?.destroyed === true;
    if (!isLost) call.givenUp();
  });
}

/** Where a request goes: the path of a socket, or a host with its port. */
function endpointOf(request: ClientRequest): string {
  const { socketPath } = request as { socketPath?: unknown };
  return typeof socketPath === 'string' ? socketPath : String(request.getHeader('host'));
}
