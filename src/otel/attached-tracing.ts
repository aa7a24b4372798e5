import {
  defaultTextMapGetter,
  INVALID_SPAN_CONTEXT,
  ROOT_CONTEXT,
  type Context,
} from '@opentelemetry/api';
import { SCOPE_NAME } from '../catalog/instruments.js';
import type { Tracing } from '../events/runtime.js';
import type { EndedSpanProcessor } from '../log/ended-span.js';
import type { ApiGlobals } from './api-globals.js';
import { adoptSpan, RecordedSpan } from './recorded-span.js';
import { sdkOptions } from './tracing.js';

/**
 * Tracing through an SDK that a host has registered itself. It takes no processor after
 * its construction, and its unsampled spans reach none: so each span of ours is recorded
 * here as well, and the record goes to the same line processors when it ends.
 */
export function createAttachedTracing(options: {
  globals: () => ApiGlobals;
  processors: readonly EndedSpanProcessor[];
  /** Told of each server span of the host's own that becomes the request's. */
  onAdopted?: () => void;
}): Tracing {
  const { globals, processors, onAdopted } = options;
  const active = (): Context => globals().context?.active() ?? ROOT_CONTEXT;
  return {
    mayExport: true,
    startSpan(name, spanOptions) {
      const { kind, parent } = spanOptions;
      const attributes = { ...spanOptions.attributes };
      const span = globals()
        .trace?.getTracer(SCOPE_NAME)
        .startSpan(name, sdkOptions(spanOptions), parent ?? active());
      return new RecordedSpan({
        name,
        kind,
        attributes,
        spanContext: span?.spanContext() ?? INVALID_SPAN_CONTEXT,
        processors,
        theirs: span,
        endsTheirs: true,
      });
    },
    adoptSpan(span, adopted) {
      onAdopted?.();
      return adoptSpan(span, { ...adopted, processors });
    },
    active,
    with: <T>(context: Context, fn: () => T): T => {
      const manager = globals().context;
      return manager === undefined ? fn() : manager.with(context, fn);
    },
    extract: (headers) =>
      globals().propagation?.extract(ROOT_CONTEXT, headers.all(), defaultTextMapGetter) ??
      ROOT_CONTEXT,
  };
}
