import { createContextKey, trace } from '@opentelemetry/api';
import { follow } from './outcome.js';
import {
  RunningCall,
  type ProviderCall,
  type ProviderCallOptions,
  type ProviderName,
} from './provider-call.js';
import { canonicalName } from './provider-recording.js';
import { currentRuntime, event, opening, type Runtime } from './runtime.js';

const CALL = createContextKey('agent-otel.provider-call');

const INERT: ProviderCall = {
  attempt: (fn) => fn(),
  attemptFailed: () => undefined,
  used: () => undefined,
  end: () => undefined,
};

const startCall = opening<[ProviderCallOptions], ProviderCall>(
  'provider',
  INERT,
  (runtime, options) => new RunningCall(runtime, options),
);

/** Calls to model providers: arbiter's `provider_*` families and the GenAI conventions. */
export const provider = {
  /**
   * Makes one logical call and returns what `fn` returns. Inside it, `provider.attempt` and
   * `call.attempt` report the single attempts. A stream is part of the call: consume it in
   * `fn`, and throw if it was called off, which the official packages' streams do not.
   *
   * @example
   * await provider.call({ provider: 'openai', model }, async (call) => {
   *   const answer = await call.attempt(() => fetch(url, init));
   *   call.used(await readUsage(answer));
   * });
   */
  call<T>(options: ProviderCallOptions, fn: (call: ProviderCall) => T): T {
    const call = startCall(options);
    const tracing = currentRuntime()?.tracing();
    if (!(call instanceof RunningCall) || tracing === undefined) return fn(call);
    const context = trace.setSpan(tracing.active(), call.span).setValue(CALL, call);
    return follow(() => tracing.with(context, () => fn(call)), {
      onEnd: (ending) => {
        call.finish(ending);
      },
    });
  },

  /** Starts a call that ends elsewhere. */
  start: startCall,

  /**
   * Runs one attempt of the call that the async context is in. Made for the `fetch` option
   * of an SDK client that lives longer than a call.
   *
   * @example
   * const openai = new OpenAI({ fetch: (url, init) => provider.attempt(() => fetch(url, init)) });
   */
  attempt<T>(fn: () => T): T {
    const call = currentRuntime()?.tracing().active().getValue(CALL);
    return call === undefined ? fn() : (call as ProviderCall).attempt(fn);
  },

  /** The circuit breaker for a provider went from closed or half-open to open. */
  circuitOpened: event<[ProviderName]>('circuit', (runtime, name) => {
    recordCircuitOpened(runtime, name);
  }),
};

/** Counts an opening of the circuit breaker for a provider. */
export function recordCircuitOpened({ ledger }: Runtime, name: string): void {
  const { providerCircuitOpened } = ledger.tables;
  providerCircuitOpened.add(providerCircuitOpened.row(canonicalName(name)), 1);
}
