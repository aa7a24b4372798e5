import type { ExecResult, Route } from '../../../catalog/vocabulary.js';
import type { ExecRule, RouteRule, SessionRule } from '../../../config/rules.js';
import { compileResult, compileTruncated, type ReadResult } from '../../exec-report.js';
import { planDescription, type SessionDescription } from './session-description.js';
import { compileValue, type ReadValue, type ValueSources } from './values.js';

/** A rule about requests, ready to be applied. */
export interface RoutePlan {
  readonly match: RouteRule['match'];
  readonly route: Route | undefined;
  readonly tenant: ReadValue | undefined;
  readonly session: SessionPlan | undefined;
  /** Whether 401, 413 and 429 count as executions that were rejected. */
  readonly rejects: boolean;
  readonly exec: ExecPlan | undefined;
}

/** How the response of a request that is one execution says how it ended. */
export interface ExecPlan {
  readonly result: ReadResult;
  readonly truncated: (json: unknown) => boolean;
  readonly ofStatus: (status: number) => ExecResult | undefined;
  /** Whether what such a request executes has been seen to run. */
  showsParts: boolean;
}

export interface SessionPlan extends Pick<SessionRule, 'on' | 'resume'> {
  readonly id: ReadValue;
  readonly sandbox: ReadValue;
  readonly agentName: ReadValue;
  /** What describes a session that begins. */
  readonly describe: (sources: ValueSources, id: string) => SessionDescription;
  /** Whether any of them stands in the body of the request, or of the response. */
  readonly readsRequest: boolean;
  readonly readsResponse: boolean;
}

export function planRoute({ match, route, tenant, session, exec = false }: RouteRule): RoutePlan {
  return {
    match,
    route,
    tenant: tenant && compileValue(tenant),
    session: session && planSession(session),
    rejects: exec !== false,
    exec: typeof exec === 'object' ? planExec(exec) : undefined,
  };
}

function planExec({ result = [], truncated, statuses = {} }: ExecRule): ExecPlan {
  return {
    result: compileResult(result.map(({ response, values }) => ({ paths: response, values }))),
    truncated: compileTruncated(truncated?.response),
    ofStatus: (status) => statuses[String(status)],
    showsParts: false,
  };
}

const NOWHERE: ReadValue = () => undefined;

function planSession(rule: SessionRule): SessionPlan {
  const { id, sandbox, agentName, idleTimeout, memoryCapPages } = rule;
  const values = [id, sandbox, agentName, idleTimeout, memoryCapPages];
  return {
    on: rule.on,
    ...(rule.resume !== undefined && { resume: rule.resume }),
    describe: planDescription(rule),
    id: compileValue(id),
    sandbox: sandbox === undefined ? NOWHERE : compileValue(sandbox),
    agentName: agentName === undefined ? NOWHERE : compileValue(agentName),
    readsRequest: values.some((value) => value?.request !== undefined),
    readsResponse: values.some((value) => value?.response !== undefined),
  };
}
