import type {
  ContainerRule,
  ExchangeValue,
  ProcessRule,
  ProviderRule,
  RouteRule,
  Rules,
  SessionRule,
  SessionStep,
} from './rules.js';

/** What each rule does, in one plain sentence, in the order of the file. */
export function explainRules(rules: Rules): string[] {
  return [
    ...rules.routes.map(explainRoute),
    ...rules.processes.map(explainProcess),
    ...rules.containers.map(explainContainer),
    ...rules.providers.map(explainProvider),
  ];
}

function explainRoute({ match, route, tenant, session, exec }: RouteRule): string {
  const effects = [
    route !== undefined && `is an agent request of route ${route}`,
    tenant !== undefined && `belongs to the tenant in ${explainValue(tenant)}`,
    session !== undefined && explainSession(session),
    exec === true && 'counts as a rejected execution when it is answered 401, 413 or 429',
  ].filter((effect) => effect !== false);
  const subject = `${match.method ?? 'Any request to'} ${match.path}`;
  return `${subject} ${effects.length === 0 ? 'has this path as its http.route' : list(effects)}.`;
}

const STEPS: Readonly<Record<SessionStep, string>> = {
  create: 'creates the session',
  resume: 'resumes the session',
  touch: 'touches the session',
  message: 'is a message, with a timing line, to the session',
  pause: 'pauses the session',
  stop: 'stops, with its sandbox, the session',
  end: 'ends the session',
};

function explainSession(rule: SessionRule): string {
  const { on, id, resume, sandbox, agentName, idleTimeoutMs } = rule;
  return [
    `${STEPS[on]} whose id is ${explainValue(id)}`,
    resume === undefined ? '' : `, always ${resume}`,
    sandbox === undefined ? '' : `, its sandbox ${explainValue(sandbox)}`,
    agentName === undefined ? '' : `, its agent ${explainValue(agentName)}`,
    idleTimeoutMs === undefined ? '' : `, expiring after ${idleTimeoutMs} ms without activity`,
  ].join('');
}

function explainValue({ pattern, ...value }: ExchangeValue): string {
  const where = explainPlace(value);
  return pattern === undefined ? where : `${where}, the part in /${pattern}/`;
}

function explainPlace({ header, path, query, request, response }: ExchangeValue): string {
  if (header !== undefined) return `the request header ${header}`;
  if (path !== undefined) return `:${path} of the path`;
  if (query !== undefined) return `${query} of the query`;
  if (request !== undefined) return `${request.join(' or ')} of the JSON request`;
  return `${(response ?? []).join(' or ')} of the JSON response`;
}

const STARTED = {
  process: 'A child process',
  worker: 'A worker thread',
  wasi: 'A WASI instance',
} as const;

function explainProcess({ kind, command, args, as, untrusted }: ProcessRule): string {
  const subject = kind === undefined ? 'Whatever is started' : STARTED[kind];
  const conditions = [
    command === undefined ? '' : ` as ${command}`,
    args === undefined ? '' : ` with the arguments ${args}`,
  ].join('');
  const trust = untrusted === true ? ', and gets no TRACEPARENT' : '';
  return `${subject}${conditions} is ${WHAT[as]}${trust}.`;
}

const WHAT = { exec: 'an execution', sandbox: 'a sandbox', ignore: 'ignored' } as const;

function explainContainer({ image, name, label, as }: ContainerRule): string {
  const conditions = [
    image !== undefined && `of the image ${image}`,
    name !== undefined && `named ${name}`,
    label !== undefined && `labelled ${label}`,
  ].filter((condition) => condition !== false);
  return `${['A container', ...conditions].join(' ')} is ${WHAT[as]}.`;
}

function explainProvider({ host, path, provider }: ProviderRule): string {
  const where = path === undefined ? host : `${host} at ${path}`;
  return provider === null
    ? `Requests to ${where} are no provider calls.`
    : `Requests to ${where} are calls to the provider ${provider}.`;
}

function list(items: readonly string[]): string {
  const [last = '', ...others] = [...items].reverse();
  return others.length === 0 ? last : `${others.reverse().join('; ')}; and ${last}`;
}
