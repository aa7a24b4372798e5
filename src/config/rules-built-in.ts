import type { Dialect } from '../catalog/vocabulary.js';
import { NO_RULES, type RouteRule, type Rules, type SessionRule } from './rules.js';

const at = (method: string, path: string): Pick<RouteRule, 'match'> => ({
  match: { method, path },
});

const inPath: Pick<SessionRule, 'id'> = { id: { path: 'id' } };

/** A file in a session is read and written in the session's own directory. */
const WASMRUN_FILES = '/api/v1/sessions/:id/files';

const WASMRUN: readonly RouteRule[] = [
  {
    ...at('POST', '/api/v1/sessions'),
    session: { on: 'create', id: { response: ['$.id', '$.session_id'] } },
    exec: true,
  },
  { ...at('DELETE', '/api/v1/sessions/:id'), session: { on: 'end', ...inPath }, exec: true },
  { ...at('POST', '/api/v1/sessions/:id/exec'), session: { on: 'touch', ...inPath }, exec: true },
  ...[WASMRUN_FILES, `${WASMRUN_FILES}/*`].map((path) => ({
    match: { path },
    session: { on: 'touch' as const, ...inPath },
    exec: true,
  })),
];

const ASH_SESSION = {
  sandbox: { response: ['$.session.sandboxId'] },
  agentName: { response: ['$.session.agentName'] },
} satisfies Partial<SessionRule>;

const ASH: readonly RouteRule[] = [
  {
    ...at('POST', '/api/sessions'),
    session: { on: 'create', id: { response: ['$.session.id'] }, ...ASH_SESSION },
  },
  { ...at('POST', '/api/sessions/:id/messages'), session: { on: 'message', ...inPath } },
  { ...at('POST', '/api/sessions/:id/pause'), session: { on: 'pause', ...inPath } },
  { ...at('POST', '/api/sessions/:id/stop'), session: { on: 'stop', ...inPath } },
  {
    ...at('POST', '/api/sessions/:id/resume'),
    session: { on: 'resume', ...inPath, ...ASH_SESSION },
  },
  { ...at('DELETE', '/api/sessions/:id'), session: { on: 'end', ...inPath } },
];

const ARBITER: readonly RouteRule[] = [
  { ...at('POST', '/v1/orchestrate'), route: 'orchestrate' },
  { ...at('POST', '/v1/conversations/:id/messages'), route: 'messages' },
  { ...at('POST', '/v1/agents/:id/chat'), route: 'agent_chat' },
];

const ROUTES: Readonly<Record<Dialect, readonly RouteRule[]>> = {
  wasmrun: WASMRUN,
  ash: ASH,
  arbiter: ARBITER,
};

/** Rules for the routes of the documents' own servers: of one dialect, or of all three. */
export function builtInRules(dialect: Dialect | undefined): Rules {
  const routes = dialect === undefined ? Object.values(ROUTES).flat() : ROUTES[dialect];
  return { ...NO_RULES, routes };
}
