import { SpanKind, SpanStatusCode, type Span } from '@opentelemetry/api';
import { ATTR_ERROR_TYPE, ATTR_SANDBOX_ID, ATTR_TENANT_ID } from '../catalog/attributes.js';
import { toLabelValue } from '../ledger/label-value.js';
import type { Runtime } from './runtime.js';
import { currentServerRequest } from './server-request.js';

/** A sandbox as its host describes it. */
export interface SandboxOptions {
  /** The host's id, unique among the sandboxes it holds. */
  readonly id: string;
  /** The tenant whose sandbox it is, where there are tenants. */
  readonly tenant?: string | undefined;
}

/** How a sandbox comes to be: started cold, or made anew after a probe found it unresponsive. */
export type Making = 'start' | 'rebuild';

/** A sandbox on its way up: `warming`, and a span for as long as that takes. */
export class SandboxStart {
  readonly span: Span;
  readonly #runtime: Runtime;
  readonly #id: string;
  readonly #making: Making;

  constructor(runtime: Runtime, making: Making, options: SandboxOptions) {
    this.#runtime = runtime;
    this.#id = options.id;
    this.#making = making;
    this.span = startSpan(runtime, `sandbox.${making}`, options);
    runtime.sandboxes.enter(options.id, 'warming');
    currentServerRequest(runtime)?.sandboxBegan();
  }

  /** It is up: `warm`, and counted. */
  succeeded(): void {
    const { sandboxStarted, sandboxRebuilt } = this.#runtime.ledger.tables;
    this.#runtime.sandboxes.enter(this.#id, 'warm');
    (this.#making === 'start' ? sandboxStarted : sandboxRebuilt).add(0, 1);
    this.span.end();
  }

  /** It did not come up: gone, and counted nowhere. */
  failed(errorType?: string): void {
    this.#runtime.sandboxes.remove(this.#id);
    if (errorType !== undefined) this.span.setAttribute(ATTR_ERROR_TYPE, errorType);
    this.span.setStatus({ code: SpanStatusCode.ERROR });
    this.span.end();
  }
}

/** A sandbox has gone. False, and nothing recorded, when it was not known. */
export function recordGone(runtime: Runtime, how: 'reaped' | 'stopped', id: string): boolean {
  if (!runtime.sandboxes.remove(id)) return false;
  if (how === 'reaped') runtime.ledger.tables.sandboxReaped.add(0, 1);
  startSpan(runtime, `sandbox.${how}`, { id }).end();
  return true;
}

function startSpan(runtime: Runtime, name: string, { id, tenant }: SandboxOptions): Span {
  return runtime.tracing().startSpan(name, {
    kind: SpanKind.INTERNAL,
    attributes: {
      [ATTR_SANDBOX_ID]: toLabelValue(id),
      ...(tenant !== undefined && { [ATTR_TENANT_ID]: toLabelValue(tenant) }),
    },
  });
}
