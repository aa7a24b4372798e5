import type { TextMapPropagator } from '@opentelemetry/api';
import { genAiClientSpan } from '../events/gen-ai-span.js';

/**
 * A propagator that tells model providers nothing: packages of theirs send the trace context
 * and the baggage as soon as any SDK is registered, and a host that has registered none did
 * not ask for it.
 */
export function withoutProviders(propagator: TextMapPropagator): TextMapPropagator {
  return {
    inject(context, carrier, setter) {
      if (genAiClientSpan(context) === undefined) propagator.inject(context, carrier, setter);
    },
    extract: (context, carrier, getter) => propagator.extract(context, carrier, getter),
    fields: () => propagator.fields(),
  };
}
