import type { ResumePath, Route } from '../catalog/vocabulary.js';

/**
 * What an operator says about a host that has no telemetry code: one JSON file, described by
 * `rules.schema.json`. In each list the first rule that matches decides.
 */
export interface Rules {
  /** Incoming requests. */
  readonly routes: readonly RouteRule[];
  /** Child processes, worker threads and WASI instances. */
  readonly processes: readonly ProcessRule[];
  /** Docker containers. */
  readonly containers: readonly ContainerRule[];
  /** Calls to model providers. */
  readonly providers: readonly ProviderRule[];
}

/** What a request means, by its method and path. */
export interface RouteRule {
  readonly match: RouteMatch;
  /** It is an agent request of this route: started when it is admitted. */
  readonly route?: Route;
  /** Where its tenant stands. */
  readonly tenant?: RequestValue;
  /** What it does to a session. */
  readonly session?: SessionRule;
  /** It asks for executions: 401, 413 and 429 count as rejections. */
  readonly exec?: boolean;
}

export interface RouteMatch {
  /** Any method when absent. */
  readonly method?: string;
  /** A template: `:name` stands for one segment, `*` at the end for all that follow. */
  readonly path: string;
}

/** A value of the request's head: a header, a parameter of the path or of the query. */
export interface RequestValue {
  readonly header?: string;
  readonly path?: string;
  readonly query?: string;
  /** A regular expression whose first group is the value; the whole value when absent. */
  readonly pattern?: string;
}

/**
 * The same, or a value of a JSON body, of the request or of its response: paths like
 * `$.session.id`, of which the first that leads to a value counts.
 */
export interface ExchangeValue extends RequestValue {
  readonly request?: readonly string[];
  readonly response?: readonly string[];
}

/** What a successful request does to a session. A message also keeps it from expiring. */
export const SESSION_STEPS = [
  'create',
  'resume',
  'touch',
  'message',
  'pause',
  'stop',
  'end',
] as const;
export type SessionStep = (typeof SESSION_STEPS)[number];

export interface SessionRule {
  readonly on: SessionStep;
  readonly id: ExchangeValue;
  /** Of a resume, where it is always the same one; worked out from the sandbox when absent. */
  readonly resume?: ResumePath;
  /** Where the id of its sandbox stands, for the timing line and to tell warm from cold. */
  readonly sandbox?: ExchangeValue;
  /** Where the name of its agent stands, for the resume line. */
  readonly agentName?: ExchangeValue;
  /** Of a session that is created or resumed: milliseconds without activity until it expires. */
  readonly idleTimeoutMs?: number;
}

/** What a child process, a worker thread or a WASI instance is. */
export interface ProcessRule {
  /** Any when absent. */
  readonly kind?: 'process' | 'worker' | 'wasi';
  /**
   * A glob (`*` is any run of characters) on the file's base name or its whole path; for a
   * worker its file, for `exec()` the first word of the shell command.
   */
  readonly command?: string;
  /** A glob on the arguments, joined by a space. */
  readonly args?: string;
  readonly as: 'exec' | 'sandbox' | 'ignore';
  /** No `TRACEPARENT` into its environment. */
  readonly untrusted?: boolean;
}

/** What a container is. What is absent matches any. */
export interface ContainerRule {
  readonly image?: string;
  readonly name?: string;
  /** `key` or `key=value`. */
  readonly label?: string;
  readonly as: 'sandbox' | 'ignore';
}

/** Which provider a host is. */
export interface ProviderRule {
  /** A glob on `host` or `host:port`. */
  readonly host: string;
  /** A glob on the path. */
  readonly path?: string;
  /** `gen_ai.provider.name`, or null for what is no provider. */
  readonly provider: string | null;
}

/** A host about which nobody has said anything. */
export const NO_RULES: Rules = { routes: [], processes: [], containers: [], providers: [] };
