import type { ResumePath } from '../../../catalog/vocabulary.js';
import type { Runtime } from '../../../events/runtime.js';
import type { SessionFacts } from '../../../events/session-registry.js';
import {
  sessionCreated,
  sessionEnded,
  sessionPaused,
  sessionResumed,
} from '../../../events/session-steps.js';
import type { ResponseBody } from '../body/response-body.js';
import {
  isSuccess,
  type ResponseHead,
  type RouteEffect,
  type RuledRequest,
} from './route-effect.js';
import type { SessionPlan } from './route-plan.js';
import type { ValueSources } from './values.js';

/**
 * Does to a session what a request has done to it, when it has succeeded: at its headers, or
 * as soon as the body is written in which a value stands.
 */
export class SessionEffect implements RouteEffect {
  readonly #runtime: Runtime;
  readonly #plan: SessionPlan;
  readonly #request: RuledRequest;
  #release: () => void = () => undefined;

  constructor(runtime: Runtime, { plan, request }: { plan: SessionPlan; request: RuledRequest }) {
    this.#runtime = runtime;
    this.#plan = plan;
    this.#request = request;
  }

  answered({ status, header }: ResponseHead, body: ResponseBody | undefined): void {
    if (!isSuccess(status)) return;
    const sources: ValueSources = { ...this.#request, responseHeader: header };
    if (!this.#plan.readsResponse) this.#step(sources);
    else {
      body?.json((response) => {
        this.#step({ ...sources, response });
      });
    }
  }

  ended(): void {
    this.#release();
  }

  #step(sources: ValueSources): void {
    if (this.#runtime.reportedByHost.has('session')) return;
    const id = this.#plan.id(sources);
    if (id === undefined) return;
    const { sessions } = this.#runtime;
    const before = sessions.facts(id);
    switch (this.#plan.on) {
      case 'create':
        sessionCreated(this.#runtime, { id, ...this.#plan.describe(sources, id) });
        break;
      case 'resume':
        this.#resume(id, { before, sources });
        break;
      case 'touch':
      case 'message':
        this.#use(id, before);
        break;
      case 'pause':
      case 'stop':
        sessionPaused(this.#runtime, id);
        break;
      case 'end':
        sessionEnded(this.#runtime, id);
        break;
    }
    this.#learn(id, sources);
  }

  /** A session that a request was answered in is active, even if it was never seen before. */
  #use(id: string, before: SessionFacts | undefined): void {
    const { sessions } = this.#runtime;
    if (before?.active !== true) sessions.resume({ id });
    this.#release = sessions.hold(id);
  }

  /** To ask for an active session changes nothing, unless it got another sandbox. */
  #resume(
    id: string,
    { before, sources }: { before: SessionFacts | undefined; sources: ValueSources },
  ): void {
    const path = this.#plan.resume ?? this.#resumePath(before, this.#plan.sandbox(sources));
    if (before?.active === true && path === 'warm') {
      this.#runtime.sessions.touch(id);
      return;
    }
    sessionResumed(this.#runtime, {
      id,
      path,
      agentName: this.#plan.agentName(sources) ?? before?.agentName,
      ...this.#plan.describe(sources, id),
    });
  }

  /** Warm kept its sandbox. Of a session that was never seen, this process can have kept none. */
  #resumePath(before: SessionFacts | undefined, sandbox: string | undefined): ResumePath {
    if (before === undefined || before.sandbox === null) return 'cold';
    if (this.#request.event.startedSandbox) return 'cold';
    const another = sandbox !== undefined && before.sandbox !== undefined;
    return another && sandbox !== before.sandbox ? 'cold' : 'warm';
  }

  #learn(id: string, sources: ValueSources): void {
    const sandbox = this.#plan.on === 'stop' ? null : this.#plan.sandbox(sources);
    const agentName = this.#plan.agentName(sources);
    this.#runtime.sessions.learn(id, {
      ...(sandbox !== undefined && { sandbox }),
      ...(agentName !== undefined && { agentName }),
    });
  }
}
