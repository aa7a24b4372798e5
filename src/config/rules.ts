import type { ExecResult, ResumePath, Route } from '../catalog/vocabulary.js';

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

/** What a request means, by its method, path and headers. */
export interface RouteRule {
  readonly match: RouteMatch;
  /** It is an agent request of this route: started when it is admitted. */
  readonly route?: Route;
  /** Where its tenant stands. */
  readonly tenant?: RequestValue;
  /** What it does to a session. */
  readonly session?: SessionRule;
  /**
   * It asks for executions: 401, 413 and 429 count as rejections. Described, it is one
   * execution as a whole, whatever is started for it, unless it is refused.
   */
  readonly exec?: boolean | ExecRule;
}

/** What the values at a place mean; `*` is every other value. */
export type ExecValues = Readonly<Record<string, ExecResult>>;

/** How a request that is one execution says what came of it. */
export interface ExecRule {
  /** Where its result stands in the response: the first place that says one counts. */
  readonly result?: readonly ResponseResult[];
  /** Where the response says that output was cut: `true` or a number above 0. */
  readonly truncated?: { readonly response: readonly string[] };
  /** Results by status, where the status says it. */
  readonly statuses?: ExecValues;
}

/**
 * A result in the JSON response, or in the last event of a stream that has it. Without
 * `values` the three results are themselves, `true` and 0 a success, `false` and other
 * numbers an error.
 */
export interface ResponseResult {
  readonly response: readonly string[];
  readonly values?: ExecValues;
}

export interface RouteMatch {
  /** Any method when absent. */
  readonly method?: string;
  /** A template: `:name` stands for one segment, `*` at the end for all that follow. */
  readonly path: string;
  /**
   * What its headers have to be: `true` is there, `false` is not there, a text is a glob on
   * the value.
   */
  readonly headers?: Readonly<Record<string, boolean | string>>;
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
 * The same, or a header of the response, or a value of a JSON body, of the request or of its
 * response: paths like `$.session.id`, of which the first that leads to a value counts.
 */
export interface ExchangeValue extends RequestValue {
  readonly responseHeader?: string;
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
  /** Where its client says so; `idleTimeoutMs` is for those that do not. */
  readonly idleTimeout?: DurationValue;
  /** Milliseconds after its expiry when the host has cleaned it up: it is tracked no longer. */
  readonly removedAfterMs?: number;
  /** The directory whose disk usage is the session's, with `{id}` for its id. */
  readonly directory?: string;
  /** Where its memory cap stands, in WASM pages of 64 KiB. */
  readonly memoryCapPages?: ExchangeValue;
}

/** A length of time, in seconds unless it says otherwise. */
export interface DurationValue extends ExchangeValue {
  readonly unit?: DurationUnit;
}

export const DURATION_UNITS = ['ms', 's', 'min'] as const;
export type DurationUnit = (typeof DURATION_UNITS)[number];

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
  /** What the messages between the host and it say of executions. */
  readonly exec?: MessageExecRule;
  /** Of sandboxes: each serves one session at a time, which names it in its rule. */
  readonly per?: 'session';
  /** Of sandboxes: the most that the host will hold. */
  readonly capacity?: number;
}

/** Executions as they show in the messages of a child process or a worker thread. */
export interface MessageExecRule {
  /** Of a sandbox: which messages to it begin an execution; all when absent. */
  readonly on?: { readonly message: readonly string[]; readonly values?: readonly string[] };
  /** Where its result stands in a message from it: the first place that says one counts. */
  readonly result?: readonly MessageResult[];
  /** Where that message says that output was cut: `true` or a number above 0. */
  readonly truncated?: { readonly message: readonly string[] };
}

/** The same as of a response. */
export interface MessageResult {
  readonly message: readonly string[];
  readonly values?: ExecValues;
}

/** What a container is. What is absent matches any. */
export interface ContainerRule {
  readonly image?: string;
  readonly name?: string;
  /** `key` or `key=value`. */
  readonly label?: string;
  readonly as: 'sandbox' | 'ignore';
  /** The most that the host will hold. */
  readonly capacity?: number;
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
