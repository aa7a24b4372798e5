import type { Route } from '../../../catalog/vocabulary.js';
import type { RouteRule, SessionRule } from '../../../config/rules.js';
import { compileValue, type ReadValue } from './values.js';

/** A rule about requests, ready to be applied. */
export interface RoutePlan {
  readonly match: RouteRule['match'];
  readonly route: Route | undefined;
  readonly tenant: ReadValue | undefined;
  readonly session: SessionPlan | undefined;
  readonly exec: boolean;
}

export interface SessionPlan extends Pick<SessionRule, 'on' | 'resume' | 'idleTimeoutMs'> {
  readonly id: ReadValue;
  readonly sandbox: ReadValue;
  readonly agentName: ReadValue;
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
    exec,
  };
}

const NOWHERE: ReadValue = () => undefined;

function planSession(rule: SessionRule): SessionPlan {
  const { id, sandbox, agentName } = rule;
  const values = [id, sandbox, agentName];
  return {
    ...rule,
    id: compileValue(id),
    sandbox: sandbox === undefined ? NOWHERE : compileValue(sandbox),
    agentName: agentName === undefined ? NOWHERE : compileValue(agentName),
    readsRequest: values.some((value) => value?.request !== undefined),
    readsResponse: values.some((value) => value?.response !== undefined),
  };
}
