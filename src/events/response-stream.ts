import type { ResponseOutcome } from '../catalog/vocabulary.js';
import { ABSENT } from '../ledger/label-value.js';
import type { Runtime } from './runtime.js';

/** The request that a stream answers. */
interface StreamedRequest {
  /** On the runtime's monotonic clock. */
  readonly startedAt: number;
  /** As far as it is known by now. */
  readonly route: string | undefined;
}

/**
 * A response that is a stream. Time to headers, time to the first event and lifetime are
 * three things, not one latency: each has an instrument of its own.
 */
export class ResponseStream {
  /** When its headers were sent, on the runtime's monotonic clock. */
  readonly startedAt: number;
  readonly #runtime: Runtime;
  readonly #request: StreamedRequest;

  constructor(runtime: Runtime, request: StreamedRequest) {
    this.#runtime = runtime;
    this.#request = request;
    this.startedAt = runtime.now();
    const { streamActive, streamTimeToHeaders } = runtime.ledger.tables;
    streamActive.add(0, 1);
    const row = streamTimeToHeaders.row(request.route ?? ABSENT);
    streamTimeToHeaders.record(row, this.startedAt - request.startedAt);
  }

  end(outcome: ResponseOutcome): void {
    const { streamActive, streamDuration } = this.#runtime.ledger.tables;
    streamActive.add(0, -1);
    const row = streamDuration.row(this.#request.route ?? ABSENT, outcome);
    streamDuration.record(row, this.#runtime.now() - this.startedAt);
  }
}
