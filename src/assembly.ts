// The global is a getter, which would be looked up at every request.
import { performance } from 'node:perf_hooks';
import { surfacesOf } from './catalog/surfaces.js';
import type { Config } from './config/config.js';
import { rulesInForce, switchedOff } from './config/in-force.js';
import type { Rules } from './config/rules.js';
import { loadRules } from './config/rules-file.js';
import { createAdminListener, type AdminListener } from './endpoint/admin-listener.js';
import { NO_KEYS, readApiKeys, type ApiKeys } from './endpoint/api-keys.js';
import { createPages } from './endpoint/pages.js';
import { createRouter, type Router } from './endpoint/router.js';
import { recordRejection } from './events/exec.js';
import { request } from './events/request.js';
import type { Runtime, Tracing } from './events/runtime.js';
import { SandboxRegistry } from './events/sandbox-registry.js';
import { SessionRegistry } from './events/session-registry.js';
import { createAttachments } from './instrumentation/attachments.js';
import {
  instrumentHost,
  type HostInstrumentation,
  type HostOptions,
} from './instrumentation/host.js';
import { wireBytes } from './instrumentation/http/description.js';
import type { Ledger } from './ledger/ledger.js';
import { receivedJson, receivedLine } from './log/lines.js';
import {
  createAccessLineProcessor,
  createResumeLineProcessor,
  createTimingLineProcessor,
  type WriteLine,
} from './log/line-processor.js';
import type { EndedSpanProcessor } from './log/ended-span.js';
import { createReport, isSaid, type Report } from './log/self-report.js';
import { epochMsAt } from './log/wall-clock.js';

/** The parts of agent-otel that do not depend on whose SDK is in charge, put together. */
export interface Assembly {
  readonly runtime: Runtime;
  readonly lineProcessors: readonly EndedSpanProcessor[];
  readonly router: Router;
  readonly admin: AdminListener | undefined;
  readonly report: Report;
  /** What the operator says about the host, and after that what is built in. */
  readonly rules: Rules;
  /** Whether keys are required, and tenants therefore not named to who holds one. */
  readonly authenticated: boolean;
  /** Follows the host; told of the first `listen` of an HTTP server. */
  readonly instrument: (onFirstListen: () => void) => HostInstrumentation;
  /** Says once what was attached to and what was not, which rules apply, and what is off. */
  readonly announce: () => void;
}

/** What the assembly gets from whoever starts it. */
export interface AssemblyOptions {
  readonly config: Config;
  readonly ledger: Ledger;
  readonly write: WriteLine;
  readonly tracing: () => Tracing;
  readonly isSettled: () => boolean;
  readonly serializeMetrics: () => Promise<Iterable<string>> | undefined;
}

export function assemble(options: AssemblyOptions): Assembly {
  const { config, ledger, write, tracing, isSettled } = options;
  const report = createReport({ level: config.logLevel, json: config.jsonLines, write });
  const reportOnce = onceEach((problem, error) => {
    report('warn', problem, error);
  });
  for (const problem of config.problems) report('warn', problem);
  const keys = loadKeys(config.apiKeysFile, (problem) => {
    report('warn', problem);
  });

  const rules = loadRules({
    file: config.rulesFile,
    dialect: config.dialect,
    onProblem: (problem) => {
      report('warn', problem);
    },
  });

  const attachments = createAttachments((line) => {
    report('info', line);
  });

  const now = (): number => performance.now();
  const sessions = new SessionRegistry({ ledger, now });
  const runtime: Runtime = {
    ledger,
    sessions,
    sandboxes: new SandboxRegistry(ledger),
    now,
    reportedByHost: new Set(),
    timesMessages: config.otlp.logs !== undefined,
    withoutTimingLine: new WeakSet(),
    tracing,
    isSettled,
    reportOnce,
  };

  const surfaces = surfacesOf(config.dialect);
  const router = createRouter({
    pages: createPages({
      ledger,
      surfaces,
      sessions: () => (keys === undefined ? sessions.rows() : undefined),
      hideTenants: keys !== undefined,
      serializeOthers: options.serializeMetrics,
      onProblem: reportOnce,
    }),
    surfaces,
    keys,
    onAuthenticated: (tenant) => {
      request.identified({ tenant });
    },
    onUnauthorized: () => {
      recordRejection(runtime, 'unauthorized');
    },
    onProblem: reportOnce,
  });
  const admin =
    config.admin &&
    createAdminListener({
      ...config.admin,
      handle: router.admin,
      onListening: (url) => {
        report('info', `the admin listener is at ${url}`);
      },
      onProblem: (problem) => {
        report('warn', problem);
      },
    });

  return {
    runtime,
    lineProcessors: createLineProcessors(runtime, { config, write }),
    router,
    admin,
    report,
    rules,
    authenticated: keys !== undefined,
    instrument: (onFirstListen) =>
      instrumentHost({
        runtime,
        rules,
        http: {
          tenantHeader: config.tenantHeader,
          tenantOf: keys && ((authorization) => keys.tenantOf(authorization)),
          claims: (server, request) =>
            config.inline && server !== admin?.server && router.claims(request),
          answer: ({ request, response }) => {
            router.inline(request, response);
          },
          onReceived: receivedWriter(config, write),
          onFirstListen,
        },
        childTraceContext: config.childTraceContext,
        onAttachment: attachments.found,
      }),
    announce() {
      if (!isSaid('info', config.logLevel)) return;
      attachments.announce();
      report('info', rulesInForce(rules, { file: config.rulesFile, dialect: config.dialect }));
      const off = switchedOff(config);
      if (off.length > 0) report('info', `off: ${off.join(', ')}`);
    },
  };
}

function hasAshLines({ dialect }: Config): boolean {
  return dialect === undefined || dialect === 'ash';
}

function createLineProcessors(
  { withoutTimingLine }: Runtime,
  { config, write }: Pick<AssemblyOptions, 'config' | 'write'>,
): EndedSpanProcessor[] {
  const isWanted = (span: object): boolean => !withoutTimingLine.has(span);
  const processors: EndedSpanProcessor[] = [];
  if (config.accessLog !== 'off') {
    processors.push(createAccessLineProcessor({ format: config.accessLog, write }));
  }
  if (hasAshLines(config)) {
    processors.push(
      createTimingLineProcessor({ isWanted, write }),
      createResumeLineProcessor({ write }),
    );
  }
  return processors;
}

type Received = HostOptions['http']['onReceived'];

function receivedWriter({ verbose, jsonLines, accessLog }: Config, write: WriteLine): Received {
  if (!verbose) return undefined;
  const render = jsonLines || accessLog === 'json' ? receivedJson : receivedLine;
  return ({ request, event }) => {
    write(
      render({
        timeMs: epochMsAt(performance.now()),
        id: event.id,
        method: request.method ?? '',
        url: wireBytes(request.url ?? ''),
      }),
    );
  };
}

/** A key file that cannot be used keeps auth mode, with no key that opens anything. */
function loadKeys(
  file: string | undefined,
  onProblem: (problem: string) => void,
): ApiKeys | undefined {
  if (file === undefined) return undefined;
  try {
    return readApiKeys(file);
  } catch (error) {
    onProblem(
      `AGENT_OTEL_API_KEYS_FILE=${JSON.stringify(file)} is not a readable file of ` +
        `tenant:sha256-hex-of-key lines (${String(error)}); guarded paths answer 401`,
    );
    return NO_KEYS;
  }
}

/** Problems that are told apart; keys may hold what others wrote, and are bounded. */
const MAX_REPORTS = 200;

function onceEach(report: (problem: string, error: unknown) => void): Runtime['reportOnce'] {
  const reported = new Set<string>();
  return (key, problem, error) => {
    if (reported.has(key) || reported.size >= MAX_REPORTS) return;
    reported.add(key);
    report(problem, error);
  };
}
