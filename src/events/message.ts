import { SpanKind, type Span } from '@opentelemetry/api';
import {
  ATTR_MESSAGE_EVENT_COUNT,
  ATTR_MESSAGE_FIRST_EVENT_MS,
  ATTR_MESSAGE_LOOKUP_MS,
  ATTR_MESSAGE_TOTAL_MS,
  ATTR_SANDBOX_ID,
  ATTR_SESSION_ID,
} from '../catalog/attributes.js';
import { ABSENT, toLabelValue } from '../ledger/label-value.js';
import { EndsOnce, type Misuse } from './ends-once.js';
import { guard, type Runtime } from './runtime.js';
import { currentServerRequest, type ServerRequest } from './server-request.js';

const MISUSE: Misuse = {
  key: 'message.end',
  problem: 'a message was ended twice; the second end is ignored',
};

/** A message that a session is answering, as Ash's timing line times it. */
export interface Message {
  /** The session and its sandbox have been looked up; ends `lookupMs`. */
  located(found: { sandbox: string }): void;
  /** An SSE event was sent. The first that is not `session_start` sets `firstEventMs`. */
  eventSent(name: string): void;
  /** The answer is complete, or the client has left. */
  end(): void;
}

/** What a message is when nobody times it: nothing to do, nothing to keep. */
export const UNTIMED: Message = {
  located: () => undefined,
  eventSent: () => undefined,
  end: () => undefined,
};

/** Whether messages are timed now: read at each, so that it can be switched while a server runs. */
export function isTimed(): boolean {
  return process.env['ASH_DEBUG_TIMING'] === '1';
}

/** Leaves with the headers, before any of the answer is there. */
const SESSION_START = 'session_start';

/** Keeps the nine values of a timing line; the span processor writes it at the end. */
export class TimedMessage implements Message {
  readonly #runtime: Runtime;
  readonly #request: ServerRequest | undefined;
  readonly #span: Span;
  readonly #startedAt: number;
  /** A client that has left already ends this before there is anything to stop. */
  #stopFollowing: () => void = () => undefined;
  #firstEventMs = 0;
  #eventCount = 0;
  readonly #ends: EndsOnce;

  /**
   * @param incoming the HTTP request that it came with, where an instrumentation sees it from
   * outside; the current one when absent.
   */
  constructor(runtime: Runtime, sessionId: string, incoming?: ServerRequest) {
    this.#runtime = runtime;
    this.#ends = new EndsOnce(runtime, MISUSE);
    const request = incoming ?? currentServerRequest(runtime);
    this.#request = request;
    // The documented times run from the request's arrival, not from here.
    this.#startedAt = request?.startedAt ?? runtime.now();
    this.#span = runtime.tracing().startSpan('session.message', {
      kind: SpanKind.INTERNAL,
      attributes: { [ATTR_SESSION_ID]: toLabelValue(sessionId), [ATTR_MESSAGE_LOOKUP_MS]: 0 },
      ...(incoming !== undefined && { parent: incoming.context }),
    });
    if (!isTimed()) runtime.withoutTimingLine.add(this.#span);
    this.#stopFollowing =
      request?.onAbort(() => {
        if (this.#ends.byItself()) this.#record();
      }) ?? (() => undefined);
  }

  located({ sandbox }: { sandbox: string }): void {
    guard(this.#runtime, () => {
      this.#span.setAttribute(ATTR_MESSAGE_LOOKUP_MS, this.#elapsed());
      this.#span.setAttribute(ATTR_SANDBOX_ID, toLabelValue(sandbox));
    });
  }

  eventSent(name: string): void {
    this.#eventCount++;
    if (this.#firstEventMs === 0 && name !== SESSION_START) this.#firstEventMs = this.#elapsed();
  }

  end(): void {
    if (this.#ends.byHost()) this.#record();
  }

  #record(): void {
    guard(this.#runtime, () => {
      this.#stopFollowing();
      this.#count();
      this.#span.setAttributes({
        [ATTR_MESSAGE_FIRST_EVENT_MS]: this.#firstEventMs,
        [ATTR_MESSAGE_TOTAL_MS]: this.#elapsed(),
        [ATTR_MESSAGE_EVENT_COUNT]: this.#eventCount,
      });
      this.#span.end();
    });
  }

  #count(): void {
    if (this.#eventCount === 0) return;
    const { streamEvents, streamTimeToFirstEvent } = this.#runtime.ledger.tables;
    const route = this.#request?.route ?? ABSENT;
    streamEvents.add(streamEvents.row(route), this.#eventCount);
    if (this.#firstEventMs === 0) return;
    streamTimeToFirstEvent.record(streamTimeToFirstEvent.row(route), this.#firstEventMs);
  }

  #elapsed(): number {
    return this.#runtime.now() - this.#startedAt;
  }
}
