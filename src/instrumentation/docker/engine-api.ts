import type { HeaderOf } from '../headers.js';

/** A request of the Docker Engine API that says something about containers or what runs in them. */
export type Operation =
  | { readonly kind: 'create'; readonly name: string | undefined }
  | { readonly kind: ContainerOperation; readonly container: string }
  | { readonly kind: 'startExec' | 'inspectExec'; readonly exec: string };

type ContainerOperation = 'start' | 'stop' | 'remove' | 'inspect' | 'wait' | 'createExec';

/** With or without the version of the API in front. */
const PATH = /^\/(?:v\d+\.\d+\/)?(containers|exec)\/([^/?]+)(?:\/([a-z]+))?(?:\?(.*))?$/;

const CONTAINER_OPERATIONS: Readonly<Record<string, ContainerOperation>> = {
  'POST start': 'start',
  'POST stop': 'stop',
  'POST kill': 'stop',
  'POST exec': 'createExec',
  'POST wait': 'wait',
  'GET json': 'inspect',
  'DELETE ': 'remove',
};

/** Signals of `kill` that do not end a container. */
const HARMLESS = /^(?:SIG)?(?:HUP|USR1|USR2|WINCH|CONT|STOP|TSTP)$/i;

/** What a request asks the Engine API for, by its method and path; undefined for anything else. */
export function operationOf(method: string, path: string): Operation | undefined {
  const [, collection, id, action = '', query] = PATH.exec(path) ?? [];
  if (id === undefined) return undefined;
  const asked = `${method} ${action}`;
  if (collection === 'exec') {
    if (asked === 'POST start') return { kind: 'startExec', exec: id };
    return asked === 'GET json' ? { kind: 'inspectExec', exec: id } : undefined;
  }
  const parameters = new URLSearchParams(query);
  if (id === 'create' && asked === 'POST ') {
    return { kind: 'create', name: parameters.get('name') ?? undefined };
  }
  const kind = CONTAINER_OPERATIONS[asked];
  if (kind === undefined) return undefined;
  if (action === 'kill' && HARMLESS.test(parameters.get('signal') ?? '')) return undefined;
  return { kind, container: id };
}

/** The names of the sockets of Docker and Podman, and the ports that IANA has given to Docker. */
const ENGINE_ENDPOINT = /(?:docker|podman)[\w.-]*$|:237[56]$/i;

/** Whether an endpoint is known for an Engine before it has answered. */
export function isEngineEndpoint(endpoint: string): boolean {
  return ENGINE_ENDPOINT.test(endpoint);
}

/** Whether an answer is an Engine's: nobody else's API under the same paths says all of this. */
export function isEngineAnswer(header: HeaderOf): boolean {
  return (
    /^(?:docker|libpod)\b/i.test(header('server') ?? '') ||
    (header('api-version') !== undefined && header('ostype') !== undefined)
  );
}

/** The part of an object that is an object itself; nothing of anything else. */
export function partOf(json: unknown, key: string): unknown {
  return typeof json === 'object' && json !== null
    ? (json as Record<string, unknown>)[key]
    : undefined;
}
