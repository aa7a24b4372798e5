import { SpanKind, trace, type Context, type Span } from '@opentelemetry/api';
import { ATTR_GEN_AI_PROVIDER_NAME } from '../catalog/attributes.js';

/** What a recording span of an SDK shows of itself. */
interface ReadableSpan {
  readonly kind?: SpanKind;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

/**
 * The span of a model call that a context is in, where somebody else has made one: packages
 * of providers that know OpenTelemetry, or the host's own instrumentation of them.
 */
export function genAiClientSpan(context: Context): Span | undefined {
  const span = trace.getSpan(context);
  const { kind, attributes } = (span ?? {}) as ReadableSpan;
  const isCall = kind === SpanKind.CLIENT && attributes?.[ATTR_GEN_AI_PROVIDER_NAME] !== undefined;
  return isCall ? span : undefined;
}
