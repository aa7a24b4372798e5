import type { ExecResult, ResponseOutcome } from '../../../catalog/vocabulary.js';
import { RequestExec } from '../../../events/request-exec.js';
import { guard, type Runtime } from '../../../events/runtime.js';
import { parseJson } from '../body/json.js';
import type { ResponseBody } from '../body/response-body.js';
import {
  isRefusal,
  isReplay,
  type ResponseHead,
  type RouteEffect,
  type RuledRequest,
} from './route-effect.js';
import type { ExecPlan } from './route-plan.js';

const REQUEST_TIMEOUT = 408;
const GATEWAY_TIMEOUT = 504;

/**
 * Counts a request as one execution, with what is started for it as its parts. It counts from
 * the first that is seen to run, or, where none is, when its response begins and is neither a
 * refusal nor a replay; a host none of whose executions can be seen has it in flight meanwhile
 * from the turn of the loop after the request has come whole, in which hosts refuse.
 */
export class ExecEffect implements RouteEffect {
  readonly #runtime: Runtime;
  readonly #plan: ExecPlan;
  readonly #exec: RequestExec;
  #isRefused = false;
  /** What its status says where nothing else does. */
  #ofStatus: ExecResult | undefined;
  /** What the response says, as far as it has come. */
  #said: ExecResult | undefined;
  #truncated = false;

  constructor(runtime: Runtime, { plan, request }: { plan: ExecPlan; request: RuledRequest }) {
    this.#runtime = runtime;
    this.#plan = plan;
    this.#exec = new RequestExec(runtime, request.event);
    request.event.execution = this.#exec;
    if (plan.showsParts) return;
    request.onComplete(() => {
      setImmediate(() => {
        if (runtime.reportedByHost.has('exec')) return;
        guard(runtime, () => {
          this.#exec.takeOff();
        });
      });
    });
  }

  /** Whether it was an execution after all, so that its status is no refusal. */
  get hasRun(): boolean {
    return this.#exec.hasParts || this.#said !== undefined;
  }

  answered(head: ResponseHead, body: ResponseBody | undefined): void {
    const { status } = head;
    const { hasParts } = this.#exec;
    this.#plan.showsParts ||= hasParts;
    this.#said = this.#plan.ofStatus(status);
    this.#isRefused = !hasParts && this.#said === undefined && isNone(head);
    if (this.#isRefused) {
      this.#exec.refuse();
      return;
    }
    this.#ofStatus = resultOfStatus(status);
    if (head.isStream) {
      body?.lastEvents((_name, data) => {
        this.#read(parseJson(data));
      });
      return;
    }
    body?.json((json) => {
      // Undefined is no JSON, or not the whole of it.
      if (json === undefined) return;
      this.#read(json);
      this.#end('completed');
    });
  }

  ended(outcome: ResponseOutcome): void {
    if (!this.#isRefused) this.#end(outcome);
  }

  #read(json: unknown): void {
    this.#said = this.#plan.result(json) ?? this.#said;
    this.#truncated ||= this.#plan.truncated(json);
  }

  #end(outcome: ResponseOutcome): void {
    const truncated = this.#truncated;
    if (this.#runtime.reportedByHost.has('exec')) this.#exec.refuse();
    else if (this.#said !== undefined) this.#exec.said({ result: this.#said, truncated });
    else {
      const otherwise = outcome === 'completed' ? 'success' : 'error';
      this.#exec.over({ result: this.#ofStatus ?? otherwise, truncated });
    }
  }
}

/** Whether an answer says that nothing was executed for it. */
function isNone(head: ResponseHead): boolean {
  const isElsewhere = head.status >= 300 && head.status < 400;
  return isElsewhere || isRefusal(head.status) || isReplay(head);
}

/** Of an execution that failed in its host, or that the host gave up. */
function resultOfStatus(status: number): ExecResult | undefined {
  if (status === REQUEST_TIMEOUT || status === GATEWAY_TIMEOUT) return 'timeout';
  return status >= 500 ? 'error' : undefined;
}
