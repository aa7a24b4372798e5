import type { ResponseEnd, ServerRequest } from '../../events/server-request.js';
import { guard, reportFailure, type Runtime } from '../../events/runtime.js';
import { remembering } from '../remembering.js';
import { onLastPush, RequestBody, type IncomingBody } from './body/request-body.js';
import { ResponseBody } from './body/response-body.js';
import type { BodyTarget } from './body/tap.js';
import type { ResponseHead, RouteEffect, RuledRequest } from './rules/route-effect.js';
import { createEffects } from './rules/route-effects.js';
import type { Matched, RouteMatcher } from './rules/route-matcher.js';
import type { RoutePlan } from './rules/route-plan.js';

/** A request and what answers it, whatever their protocol. */
export interface ExchangeSides {
  readonly method: string;
  /** The request target. */
  readonly target: string;
  /** A request header, by its name in lower case. */
  header(name: string): string | undefined;
  /** Whether the body of the request has been received whole. */
  isComplete(): boolean;
  /** The route that a framework has matched by now, as a template. */
  matchedRoute(): string | undefined;
  /** How the response ended, once it has closed. */
  end(): ResponseEnd;
  /** What the body of the request comes through. */
  readonly incoming: IncomingBody;
  /** What the host writes the answer with. */
  readonly body: BodyTarget;
}

/** What every exchange is followed with. */
export interface ExchangeOptions {
  readonly runtime: Runtime;
  readonly routes: RouteMatcher<RoutePlan>;
}

/** Of a media type, whatever its parameters; a server answers with a handful. */
const isEventStream = remembering((type) => /^\s*text\/event-stream\s*(?:;|$)/i.test(type));

/** One request and its response, followed from its arrival to its end. */
export class FollowedExchange {
  readonly event: ServerRequest;
  readonly #runtime: Runtime;
  readonly #sides: ExchangeSides;
  /** The template of the rule that is about it, where no framework names one. */
  #ruledRoute: string | undefined;
  #effects: readonly RouteEffect[] = [];
  #body: ResponseBody | undefined;

  constructor(
    { runtime, routes }: ExchangeOptions,
    { event, sides }: { event: ServerRequest; sides: ExchangeSides },
  ) {
    this.event = event;
    this.#runtime = runtime;
    this.#sides = sides;
    try {
      const matched = routes(sides);
      if (matched !== undefined) this.#apply(matched);
    } catch (error) {
      reportFailure(runtime, error);
    }
  }

  #apply({ entry: plan, parameters }: Matched<RoutePlan>): void {
    this.#ruledRoute = plan.match.path;
    const request = ruledRequest(this.#sides, { event: this.event, plan, parameters });
    const { effects, readsBody } = createEffects(this.#runtime, { plan, request });
    this.#effects = effects;
    if (!readsBody) return;
    // Before the host writes: with headers that it does not send itself, the first piece of
    // the body is on its way when they are.
    this.#body = new ResponseBody(this.#sides.body, (read) => {
      this.#guard(read);
    });
  }

  /** The headers are on their way. */
  headersSent({ status, header }: Omit<ResponseHead, 'isStream'>): void {
    try {
      const isStream = isEventStream(header('content-type') ?? '');
      if (isStream) {
        this.#nameRoute();
        this.event.streamStarted();
      }
      for (const effect of this.#effects) {
        effect.answered?.({ status, header, isStream }, this.#body);
      }
      this.#body?.start(header('content-encoding'));
    } catch (error) {
      reportFailure(this.#runtime, error);
    }
  }

  /** The response is over, whole or not. */
  closed(): void {
    try {
      const end = this.#sides.end();
      if (this.#body === undefined) this.#finish(end);
      else {
        this.#body.close(() => {
          this.#finish(end);
        });
      }
    } catch (error) {
      reportFailure(this.#runtime, error);
    }
  }

  /** What fails in one step keeps nothing from the next: the event ends whatever happens. */
  #finish(end: ResponseEnd): void {
    for (const effect of this.#effects) {
      this.#guard(() => {
        effect.ended?.(end.outcome);
      });
    }
    try {
      this.#nameRoute();
    } catch (error) {
      reportFailure(this.#runtime, error);
    }
    try {
      this.event.end(end);
    } catch (error) {
      reportFailure(this.#runtime, error);
    }
  }

  #nameRoute(): void {
    this.event.matched(this.event.route ?? this.#sides.matchedRoute() ?? this.#ruledRoute);
  }

  #guard(follow: () => void): void {
    guard(this.#runtime, follow);
  }
}

function ruledRequest(
  sides: ExchangeSides,
  {
    event,
    plan,
    parameters,
  }: { event: ServerRequest; plan: RoutePlan; parameters: RuledRequest['parameters'] },
): RuledRequest {
  // A body that is compressed is left alone: few clients do that.
  const isPlain = (sides.header('content-encoding') ?? 'identity') === 'identity';
  const wanted = plan.session?.readsRequest === true && isPlain;
  const body = wanted ? new RequestBody(sides.incoming) : undefined;
  return {
    event,
    parameters,
    header: (name) => sides.header(name),
    query: (name) => queryOf(sides.target).get(name) ?? undefined,
    request: () => body?.json(),
    isComplete: () => sides.isComplete(),
    onComplete: (callback) => {
      if (sides.isComplete()) callback();
      else onLastPush(sides.incoming, callback);
    },
  };
}

function queryOf(target: string): URLSearchParams {
  const start = target.indexOf('?');
  return new URLSearchParams(start === -1 ? '' : target.slice(start));
}
