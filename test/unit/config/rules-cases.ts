/** A rules file with one mistake, and where it is. */
export interface Mistake {
  readonly what: string;
  readonly file: unknown;
  readonly pointer: string;
  readonly says: RegExp;
  /** Whether the schema lets it pass, because it cannot say what is wrong. */
  readonly beyondSchema?: true;
}

const route = (rule: object): object => ({ routes: [{ match: { path: '/s/:id' }, ...rule }] });
const session = (rule: object): object =>
  route({ session: { on: 'touch', id: { path: 'id' }, ...rule } });

/** The example of the README, and every field that there is. */
export const VALID_FILES: readonly object[] = [
  {},
  { $schema: './rules.schema.json', routes: [] },
  {
    routes: [
      {
        match: { method: 'POST', path: '/v1/messages' },
        route: 'messages',
        tenant: { header: 'x-tenant' },
        session: { on: 'create', id: { response: '$.session.id' } },
        exec: true,
      },
      {
        match: { path: '/t/:tenant/s/:id/*' },
        tenant: { path: 'tenant', pattern: '^acme-(.*)$' },
        session: {
          on: 'resume',
          id: { path: 'id' },
          resume: 'cold',
          sandbox: { response: ['$.sandboxes[0].id', '$.sandbox'] },
          agentName: { header: 'x-agent' },
          idleTimeoutMs: 1000,
        },
        exec: false,
      },
      {
        match: { path: '/chat' },
        tenant: { query: 'team' },
        session: { on: 'message', id: { request: ['$.session', '$.chat.id'] } },
      },
      {
        match: { path: '/run' },
        session: {
          on: 'create',
          id: { response: '$.id' },
          idleTimeout: { request: '$.ttl', unit: 'min' },
          removedAfterMs: 5000,
          directory: 'data/{id}',
          memoryCapPages: { request: '$.pages' },
        },
        exec: {
          result: [
            { response: '$.timed_out', values: { true: 'timeout' } },
            { response: ['$.exit_code', '$.code'] },
          ],
          truncated: { response: '$.cut' },
          statuses: { '422': 'error' },
        },
      },
      {
        match: { path: '/once' },
        exec: { result: { response: '$.status', values: { '*': 'error' } } },
      },
      { match: { path: '/bare' }, exec: {} },
      {
        match: { path: '/mcp', headers: { 'Mcp-Session-Id': false, 'mcp-method': 'init*' } },
        session: { on: 'create', id: { responseHeader: 'Mcp-Session-Id' } },
      },
      {
        match: { path: '/mcp', headers: { 'mcp-session-id': true } },
        session: {
          on: 'touch',
          id: { responseHeader: 'set-cookie', pattern: 'sid=([^;]+)' },
        },
      },
      { match: { path: '/' } },
      { match: { path: '/*' }, tenant: { header: 'authorization', pattern: '^Bearer (t\\d+)-' } },
    ],
    processes: [
      { kind: 'worker', command: '*/sandbox.js', args: '--fast *', as: 'exec', untrusted: true },
      {
        args: '*/box.js',
        as: 'sandbox',
        per: 'session',
        capacity: 8,
        exec: {
          on: { message: '$.kind', values: 'run' },
          result: { message: '$.result' },
          truncated: { message: '$.cut' },
        },
      },
      { as: 'ignore' },
    ],
    containers: [
      { image: 'sandbox:*', name: 't*', label: 'role=sandbox', as: 'sandbox', capacity: 2 },
    ],
    providers: [
      { host: 'llm.internal:8080', path: '/v1/*', provider: 'openai' },
      { host: '*.internal', provider: null },
    ],
  },
];

export const MISTAKES: readonly Mistake[] = [
  { what: 'a list in place of the file', file: [], pointer: '', says: /object of routes/ },
  { what: 'an unknown list', file: { rules: [] }, pointer: '/rules', says: /known are routes/ },
  { what: 'an object in place of a list', file: { routes: {} }, pointer: '/routes', says: /list/ },
  { what: 'null in place of a list', file: { routes: null }, pointer: '/routes', says: /list/ },
  { what: 'a schema without a name', file: { $schema: 4 }, pointer: '/$schema', says: /text/ },
  { what: 'a text as a rule', file: { routes: ['/x'] }, pointer: '/routes/0', says: /an object/ },
  { what: 'a rule without match', file: { routes: [{}] }, pointer: '/routes/0', says: /match/ },
  {
    what: 'an unknown field',
    file: route({ rout: 'x' }),
    pointer: '/routes/0/rout',
    says: /known/,
  },
  {
    what: 'a field of Object.prototype',
    file: route({ toString: 1 }),
    pointer: '/routes/0/toString',
    says: /unknown/,
  },
  {
    what: 'a condition on a header that cannot be one',
    file: { routes: [{ match: { path: '/x', headers: { 'x y': true } } }] },
    pointer: '/routes/0/match/headers/x y',
    says: /"x y" is not the name of a header/,
  },
  {
    what: 'a condition on a header that is none',
    file: { routes: [{ match: { path: '/x', headers: { x: 1 } } }] },
    pointer: '/routes/0/match/headers/x',
    says: /1 is not true, false or a text/,
  },
  {
    what: 'a whole cookie that is set',
    file: session({ id: { responseHeader: 'Set-Cookie' } }),
    pointer: '/routes/0/session/id/responseHeader',
    says: /credential/,
    beyondSchema: true,
  },
  {
    what: 'a message whose session is known from its response header',
    file: session({ on: 'message', id: { responseHeader: 'x-session' } }),
    pointer: '/routes/0/session/id',
    says: /before it is answered/,
    beyondSchema: true,
  },
  {
    what: 'a path without its slash',
    file: { routes: [{ match: { path: 'v1' } }] },
    pointer: '/routes/0/match/path',
    says: /"v1" is not a path/,
  },
  {
    what: 'a * that is not at the end',
    file: { routes: [{ match: { path: '/*/x' } }] },
    pointer: '/routes/0/match/path',
    says: /at its end/,
  },
  {
    what: 'a path with a query',
    file: { routes: [{ match: { path: '/x?y=1' } }] },
    pointer: '/routes/0/match/path',
    says: /is not a path/,
  },
  {
    what: 'a method in lower case',
    file: { routes: [{ match: { method: 'post', path: '/x' } }] },
    pointer: '/routes/0/match/method',
    says: /capitals/,
  },
  {
    what: 'a route that no document has',
    file: route({ route: 'chat' }),
    pointer: '/routes/0/route',
    says: /"chat" is not one of orchestrate, messages, agent_chat/,
  },
  {
    what: 'a text as a flag',
    file: route({ exec: 'yes' }),
    pointer: '/routes/0/exec',
    says: /true/,
  },
  {
    what: 'a tenant that stands nowhere',
    file: route({ tenant: {} }),
    pointer: '/routes/0/tenant',
    says: /exactly one of header, path, query/,
  },
  {
    what: 'a tenant that stands in two places',
    file: route({ tenant: { header: 'x', path: 'id' } }),
    pointer: '/routes/0/tenant',
    says: /exactly one/,
  },
  {
    what: 'a tenant in a response',
    file: route({ tenant: { path: 'id', response: '$.x' } }),
    pointer: '/routes/0/tenant/response',
    says: /unknown/,
  },
  {
    what: 'a header that cannot be one',
    file: route({ tenant: { header: 'x y' } }),
    pointer: '/routes/0/tenant/header',
    says: /name of a header/,
  },
  {
    what: 'a whole credential',
    file: route({ tenant: { header: 'Authorization' } }),
    pointer: '/routes/0/tenant/header',
    says: /credential/,
    beyondSchema: true,
  },
  {
    what: 'a whole key',
    file: route({ tenant: { header: 'x-api-key' } }),
    pointer: '/routes/0/tenant/header',
    says: /credential/,
    beyondSchema: true,
  },
  {
    what: 'a whole token in the query',
    file: route({ tenant: { query: 'access_token' } }),
    pointer: '/routes/0/tenant/query',
    says: /credential/,
    beyondSchema: true,
  },
  {
    what: 'a broken regular expression',
    file: route({ tenant: { header: 'x', pattern: '(' } }),
    pointer: '/routes/0/tenant/pattern',
    says: /not a regular expression/,
    beyondSchema: true,
  },
  {
    what: 'a parameter that the path has not',
    file: route({ tenant: { path: 'tenant' } }),
    pointer: '/routes/0/tenant/path',
    says: /:tenant is not in the path \/s\/:id/,
    beyondSchema: true,
  },
  {
    what: 'a session in another parameter',
    file: session({ id: { path: 'session' } }),
    pointer: '/routes/0/session/id/path',
    says: /:session is not in the path/,
    beyondSchema: true,
  },
  {
    what: 'an unknown step',
    file: session({ on: 'pauze' }),
    pointer: '/routes/0/session/on',
    says: /create, resume, touch, message, pause, stop, end/,
  },
  {
    what: 'a session without id',
    file: route({ session: { on: 'end' } }),
    pointer: '/routes/0/session',
    says: /id is missing/,
  },
  {
    what: 'something that is no JSON path',
    file: session({ id: { response: 'session.id' } }),
    pointer: '/routes/0/session/id/response',
    says: /JSON path/,
  },
  {
    what: 'one wrong JSON path of several',
    file: session({ id: { response: ['$.id', '$'] } }),
    pointer: '/routes/0/session/id/response/1',
    says: /JSON path/,
  },
  {
    what: 'no JSON path at all',
    file: session({ id: { response: [] } }),
    pointer: '/routes/0/session/id/response',
    says: /at least one/,
  },
  {
    what: 'a message whose session is known too late',
    file: session({ on: 'message', id: { response: '$.id' } }),
    pointer: '/routes/0/session/id',
    says: /before it is answered/,
    beyondSchema: true,
  },
  {
    what: 'a path of resume without a resume',
    file: session({ resume: 'warm' }),
    pointer: '/routes/0/session/resume',
    says: /on: resume/,
    beyondSchema: true,
  },
  {
    what: 'an expiry of what is there already',
    file: session({ idleTimeoutMs: 1 }),
    pointer: '/routes/0/session/idleTimeoutMs',
    says: /on: create/,
    beyondSchema: true,
  },
  {
    what: 'an expiry at once',
    file: session({ on: 'create', idleTimeoutMs: 0 }),
    pointer: '/routes/0/session/idleTimeoutMs',
    says: /0 is not a whole number of at least 1/,
  },
  {
    what: 'a result that there is not',
    file: route({ exec: { result: { response: '$.x', values: { ok: 'fine' } } } }),
    pointer: '/routes/0/exec/result/values/ok',
    says: /"fine" is not one of success, error, timeout/,
  },
  {
    what: 'a result that stands nowhere',
    file: route({ exec: { result: { values: { ok: 'success' } } } }),
    pointer: '/routes/0/exec/result',
    says: /response is missing/,
  },
  {
    what: 'values that say nothing',
    file: route({ exec: { result: { response: '$.x', values: {} } } }),
    pointer: '/routes/0/exec/result/values',
    says: /an object with at least one member, whose name is a value/,
  },
  {
    what: 'a status that is none',
    file: route({ exec: { statuses: { teapot: 'error' } } }),
    pointer: '/routes/0/exec/statuses/teapot',
    says: /"teapot" is not a status/,
  },
  {
    what: 'one directory for all sessions',
    file: session({ on: 'create', directory: '/data' }),
    pointer: '/routes/0/session/directory',
    says: /is not a path with \{id\}/,
  },
  {
    what: 'a directory of what is there already',
    file: session({ directory: '/data/{id}' }),
    pointer: '/routes/0/session/directory',
    says: /on: create/,
    beyondSchema: true,
  },
  {
    what: 'a timeout in a parameter that the path has not',
    file: session({ on: 'create', idleTimeout: { path: 'ttl' } }),
    pointer: '/routes/0/session/idleTimeout/path',
    says: /:ttl is not in the path/,
    beyondSchema: true,
  },
  {
    what: 'the capacity of executions',
    file: { processes: [{ as: 'exec', capacity: 2 }] },
    pointer: '/processes/0/capacity',
    says: /as: sandbox/,
    beyondSchema: true,
  },
  {
    what: 'what begins an execution that begins with its process',
    file: { processes: [{ as: 'exec', exec: { on: { message: '$.x' } } }] },
    pointer: '/processes/0/exec/on',
    says: /as: sandbox/,
    beyondSchema: true,
  },
  {
    what: 'messages of what is ignored',
    file: { processes: [{ as: 'ignore', exec: {} }] },
    pointer: '/processes/0/exec',
    says: /as: exec/,
    beyondSchema: true,
  },
  {
    what: 'a process that is nothing',
    file: { processes: [{ command: 'x' }] },
    pointer: '/processes/0',
    says: /as is missing/,
  },
  {
    what: 'a container that is an execution',
    file: { containers: [{ as: 'exec' }] },
    pointer: '/containers/0/as',
    says: /sandbox, ignore/,
  },
  {
    what: 'a provider without a name',
    file: { providers: [{ host: 'x', provider: '' }] },
    pointer: '/providers/0/provider',
    says: /or null/,
  },
];
