import type { Attributes } from '@opentelemetry/api';
import { ATTR_SERVER_ADDRESS, ATTR_SERVER_PORT } from '../../catalog/attributes.js';
import type { ProviderRule } from '../../config/rules.js';
import type { Runtime } from '../../events/runtime.js';
import { currentServerRequest } from '../../events/server-request.js';
import type { OnAttachment } from '../attachments.js';
import { Attempt } from './attempt.js';
import { followCircuitBreakers } from './circuit-breakers.js';
import { followHttpClients } from './http-client.js';
import { followHttp2Clients } from './http2-client.js';
import { followLoading } from './loading.js';
import { LogicalCalls } from './logical-calls.js';
import type { HeaderOf } from '../headers.js';
import type { OutgoingRequest } from './outgoing-request.js';
import { createRecognizer } from './recognition.js';
import { followUndici } from './undici.js';

export interface ProviderCallsOptions {
  readonly runtime: Runtime;
  readonly rules: readonly ProviderRule[];
  readonly onAttachment?: OnAttachment;
}

/** What follows the calls to model providers. */
export interface ProviderCalls {
  /** The host is loaded: looks for what it has and nothing has told of. */
  readonly look: () => void;
  /** Ends the calls that wait for a retry, so that their spans can be exported. */
  readonly endAll: () => void;
  /** Undoes it all. */
  readonly stop: () => void;
}

/**
 * Follows the calls that the process makes to model providers, through undici (global
 * `fetch`), `node:http(s)` and `node:http2`, and the circuit breakers around them. What a host reports
 * itself is left to it.
 */
export function instrumentProviderCalls(options: ProviderCallsOptions): ProviderCalls {
  const { runtime, rules, onAttachment = () => undefined } = options;
  const { mayBe, recognize } = createRecognizer(rules);
  const calls = new LogicalCalls(runtime);
  const breakers = followCircuitBreakers(runtime, onAttachment);

  const begin = (outgoing: OutgoingRequest): Attempt | undefined => {
    if (runtime.reportedByHost.has('provider')) return undefined;
    const request = recognize(outgoing);
    if (request === undefined) return undefined;
    breakers.called(request.provider);
    return new Attempt(
      { runtime, calls },
      {
        request,
        target: `${outgoing.host}:${outgoing.port}${outgoing.path}`,
        digest: undefined,
        model: request.model,
        retryCount: retryCountIn(outgoing.header),
        scope: currentServerRequest(runtime),
        context: runtime.tracing().active(),
        startedAt: runtime.now(),
        attributes: addressOf(outgoing),
      },
    );
  };
  const source = { runtime, mayBe, begin, onAttachment };
  const http2 = followHttp2Clients(source);
  const undo = [
    followLoading([breakers.onLoaded, http2.onLoaded]),
    followUndici(source),
    followHttpClients(source),
    http2.stop,
    breakers.stop,
  ];
  return {
    look: () => {
      breakers.look();
      http2.look();
    },
    endAll: () => {
      calls.endAll();
    },
    stop: () => {
      for (const off of undo) off();
      calls.endAll();
    },
  };
}

/** The number of a retry, as the packages made by Stainless and AWS's say it. */
function retryCountIn(header: HeaderOf): number | undefined {
  const count = /^\d{1,3}$/.exec(header('x-stainless-retry-count') ?? '')?.[0];
  if (count !== undefined) return Number(count);
  // AWS counts attempts.
  const attempt = /^attempt=(\d{1,3})\b/.exec(header('amz-sdk-request') ?? '')?.[1];
  return attempt === undefined ? undefined : Math.max(0, Number(attempt) - 1);
}

function addressOf({ host, port }: OutgoingRequest): Attributes {
  // An IPv6 address has brackets in a URL alone.
  const address = host.startsWith('[') ? host.slice(1, -1) : host;
  return { [ATTR_SERVER_ADDRESS]: address, [ATTR_SERVER_PORT]: port };
}
