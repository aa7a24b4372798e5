import { ENDPOINTS, MAYBE_ENDPOINT, saysOpenAi, type Endpoint } from './endpoints.js';
import { providerOfHost } from './hosts.js';
import type { OutgoingRequest } from './outgoing-request.js';
import type { ProviderRule } from '../../config/rules.js';
import { globMatcher } from '../glob.js';
import { remembering } from '../remembering.js';

/** A request that runs a model. */
export interface ModelRequest {
  /** `gen_ai.provider.name`. */
  readonly provider: string;
  /** `gen_ai.operation.name`. */
  readonly operation: string;
  /** The model, where the path names it. */
  readonly model: string | undefined;
  /** Whether it is a call in any case, and not only if its body asks for a model. */
  readonly isCertain: boolean;
  /** Whether the path says that the answer is a stream. */
  readonly isStream: boolean;
}

export interface Recognizer {
  /** The one check that every POST of the process pays. */
  readonly mayBe: (path: string) => boolean;
  /** Says what a request is; undefined for everything that is no model call. */
  readonly recognize: (request: OutgoingRequest) => ModelRequest | undefined;
}

interface CompiledRule {
  readonly host: (text: string) => boolean;
  readonly hasPort: boolean;
  readonly path: ((text: string) => boolean) | undefined;
  readonly provider: string | null;
}

/**
 * Recognises model calls by rule, then by the provider's own host, then by path and headers,
 * so that a proxy or another base URL still counts.
 */
export function createRecognizer(rules: readonly ProviderRule[]): Recognizer {
  const compiled = rules.map(({ host, path, provider }) => ({
    host: globMatcher(host.toLowerCase()),
    hasPort: host.includes(':'),
    path: path === undefined ? undefined : globMatcher(path),
    provider,
  }));
  const pathOf = remembering(readPath);
  const hasPaths = compiled.some(({ path }) => path !== undefined);
  return {
    mayBe: (path) => hasPaths || MAYBE_ENDPOINT.test(path),
    recognize: (request) => {
      const { endpoint, model, isStream } = pathOf(request.path);
      const rule = compiled.find((candidate) => matches(candidate, request));
      if (rule?.provider === null) return undefined;
      // A rule without a path names the host's owner; what is a model call stays what it was.
      if (rule?.path === undefined && endpoint === undefined) return undefined;
      const known = rule?.provider ?? providerOfHost(request.host, request.path);
      const provider = known ?? endpoint?.providerOf(request);
      return provider === undefined
        ? undefined
        : {
            provider,
            operation: endpoint?.operation ?? 'chat',
            model,
            isCertain: known !== undefined || endpoint?.isShared !== true || saysOpenAi(request),
            isStream,
          };
    },
  };
}

function matches({ host, hasPort, path }: CompiledRule, request: OutgoingRequest): boolean {
  const address = hasPort ? `${request.host}:${request.port}` : request.host;
  return host(address) && (path?.(request.path) ?? true);
}

/** What a path says by itself. */
interface Path extends Pick<ModelRequest, 'model' | 'isStream'> {
  readonly endpoint: Endpoint | undefined;
}

function readPath(path: string): Path {
  const endpoint = ENDPOINTS.find((candidate) => candidate.path.test(path));
  return { endpoint, model: endpoint && modelIn(endpoint, path), isStream: /stream/i.test(path) };
}

function modelIn({ path }: Endpoint, text: string): string | undefined {
  const encoded = path.exec(text)?.[1];
  if (encoded === undefined) return undefined;
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}
