import type {
  ContainerRule,
  DurationUnit,
  ExchangeValue,
  ExecRule,
  ExecValues,
  MessageExecRule,
  ProcessRule,
  ProviderRule,
  RouteMatch,
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
    typeof exec === 'object' && explainExec(exec),
    exec !== undefined &&
      exec !== false &&
      'counts as a rejected execution when it is answered 401, 413 or 429',
  ].filter((effect) => effect !== false);
  const subject = explainMatch(match);
  return `${subject} ${effects.length === 0 ? 'has this path as its http.route' : list(effects)}.`;
}

function explainMatch({ method, path, headers = {} }: RouteMatch): string {
  const conditions = Object.entries(headers).map(([name, wanted]) => {
    if (wanted === false) return `without the header ${name}`;
    return wanted === true ? `with the header ${name}` : `with the header ${name}: ${wanted}`;
  });
  const subject = `${method ?? 'Any request to'} ${path}`;
  return conditions.length === 0 ? subject : `${subject} ${conditions.join(' and ')}`;
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
  const { on, id, resume, sandbox, agentName } = rule;
  return [
    `${STEPS[on]} whose id is ${explainValue(id)}`,
    resume === undefined ? '' : `, always ${resume}`,
    sandbox === undefined ? '' : `, its sandbox ${explainValue(sandbox)}`,
    agentName === undefined ? '' : `, its agent ${explainValue(agentName)}`,
    explainExpiry(rule),
    rule.directory === undefined ? '' : `, its directory ${rule.directory}`,
    rule.memoryCapPages === undefined
      ? ''
      : `, its memory cap ${explainValue(rule.memoryCapPages)}`,
  ].join('');
}

const UNITS: Readonly<Record<DurationUnit, string>> = {
  ms: 'milliseconds',
  s: 'seconds',
  min: 'minutes',
};

function explainExpiry({ idleTimeout, idleTimeoutMs, removedAfterMs }: SessionRule): string {
  const fixed = idleTimeoutMs === undefined ? [] : [`${idleTimeoutMs} ms`];
  const told =
    idleTimeout === undefined
      ? []
      : [`the ${UNITS[idleTimeout.unit ?? 's']} that stand in ${explainValue(idleTimeout)}`];
  const times = [...told, ...fixed];
  if (times.length === 0) return '';
  const expiry = `, expiring after ${times.join(' or else ')} without activity`;
  return removedAfterMs === undefined ? expiry : `${expiry} and removed ${removedAfterMs} ms later`;
}

function explainExec({ result = [], truncated, statuses }: ExecRule): string {
  const results = result.map(({ response, values }) => ({
    where: `${response.join(' or ')} of the JSON response`,
    values,
  }));
  return [
    'is one execution',
    explainResults(results),
    truncated === undefined
      ? ''
      : `, its output cut where ${truncated.response.join(' or ')} says so`,
    statuses === undefined ? '' : `, or else its status (${explainValues(statuses)})`,
  ].join('');
}

function explainResults(
  results: readonly { where: string; values?: ExecValues | undefined }[],
): string {
  if (results.length === 0) return '';
  const places = results.map(({ where, values }) =>
    values === undefined ? where : `${where} (${explainValues(values)})`,
  );
  return `, its result ${places.join(', or ')}`;
}

function explainValues(values: ExecValues): string {
  return Object.entries(values)
    .map(([value, result]) => `${value === '*' ? 'any other' : value} is ${result}`)
    .join(', ');
}

function explainValue({ pattern, ...value }: ExchangeValue): string {
  const where = explainPlace(value);
  return pattern === undefined ? where : `${where}, the part in /${pattern}/`;
}

function explainPlace({
  header,
  path,
  query,
  responseHeader,
  request,
  response,
}: ExchangeValue): string {
  if (header !== undefined) return `the request header ${header}`;
  if (path !== undefined) return `:${path} of the path`;
  if (query !== undefined) return `the parameter ${query} of the query`;
  if (responseHeader !== undefined) return `the response header ${responseHeader}`;
  if (request !== undefined) return `${request.join(' or ')} of the JSON request`;
  return `${(response ?? []).join(' or ')} of the JSON response`;
}

const STARTED = {
  process: 'A child process',
  worker: 'A worker thread',
  wasi: 'A WASI instance',
} as const;

function explainProcess(rule: ProcessRule): string {
  const { kind, command, args, as, untrusted, exec, per } = rule;
  const subject = kind === undefined ? 'Whatever is started' : STARTED[kind];
  const conditions = [
    command === undefined ? '' : ` as ${command}`,
    args === undefined ? '' : ` with the arguments ${args}`,
  ].join('');
  const trust = untrusted === true ? ', and gets no TRACEPARENT' : '';
  const serves = per === undefined ? '' : ` of one session at a time`;
  const said = exec === undefined ? '' : `; ${explainMessages(rule.as, exec)}`;
  return `${subject}${conditions} is ${WHAT[as]}${serves}${limit(rule)}${trust}${said}.`;
}

function explainMessages(
  as: ProcessRule['as'],
  { on, result = [], truncated }: MessageExecRule,
): string {
  const which =
    on === undefined
      ? ''
      : ` whose ${on.message.join(' or ')} is ${on.values?.join(' or ') ?? 'there'}`;
  const results = result.map(({ message, values }) => ({
    where: `${message.join(' or ')} of a message from it`,
    values,
  }));
  return [
    as === 'sandbox' ? `a message to it${which} is an execution` : 'it says how it ended',
    explainResults(results),
    truncated === undefined
      ? ''
      : `, its output cut where ${truncated.message.join(' or ')} says so`,
  ].join('');
}

function limit({ capacity }: { readonly capacity?: number }): string {
  return capacity === undefined ? '' : `, of which there are ${capacity} at most`;
}

const WHAT = { exec: 'an execution', sandbox: 'a sandbox', ignore: 'ignored' } as const;

function explainContainer(rule: ContainerRule): string {
  const { image, name, label, as } = rule;
  const conditions = [
    image !== undefined && `of the image ${image}`,
    name !== undefined && `named ${name}`,
    label !== undefined && `labelled ${label}`,
  ].filter((condition) => condition !== false);
  return `${['A container', ...conditions].join(' ')} is ${WHAT[as]}${limit(rule)}.`;
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
