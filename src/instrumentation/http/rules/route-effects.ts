import type { Runtime } from '../../../events/runtime.js';
import { ExecEffect } from './exec-effect.js';
import { FlowEffect } from './flow-effect.js';
import { MessageEffect } from './message-effect.js';
import { createRejectionEffect } from './rejection-effect.js';
import type { RouteEffect, RuledRequest } from './route-effect.js';
import type { RoutePlan } from './route-plan.js';
import { SessionEffect } from './session-effect.js';

/** What a rule makes of one request. */
export interface RouteEffects {
  readonly effects: readonly RouteEffect[];
  /** Whether any of them may want to read the body of the response. */
  readonly readsBody: boolean;
}

/** Names the tenant and the session of a request as far as they are known, and follows it. */
export function createEffects(
  runtime: Runtime,
  { plan, request }: { plan: RoutePlan; request: RuledRequest },
): RouteEffects {
  const { session, route, rejects, exec: execPlan } = plan;
  const tenant = plan.tenant?.(request);
  if (tenant !== undefined) request.event.identify(tenant);
  const sessionId = session?.id(request);
  if (sessionId !== undefined) request.event.belongTo(sessionId);

  const effects: RouteEffect[] = [];
  let readsBody = route !== undefined || execPlan !== undefined || session?.readsResponse === true;
  // The request flow comes first: whether a request was taken on decides all the rest.
  if (route !== undefined) effects.push(new FlowEffect(runtime, { route, request }));
  if (session !== undefined) effects.push(new SessionEffect(runtime, { plan: session, request }));
  if (session?.on === 'message') {
    const message = new MessageEffect(runtime, {
      request,
      sessionId: () => session.id(request),
      sandbox: (id) => session.sandbox(request) ?? runtime.sessions.facts(id)?.sandbox ?? undefined,
    });
    effects.push(message);
    readsBody ||= message.isTimed;
  }
  const exec = execPlan && new ExecEffect(runtime, { plan: execPlan, request });
  if (exec !== undefined) effects.push(exec);
  if (rejects) effects.push(createRejectionEffect(runtime, () => exec?.hasRun === true));
  return { effects, readsBody };
}
