import type { IncomingMessage, ServerResponse } from 'node:http';
import { exec, type ApiKeys } from 'agent-otel';
import { writeInside } from './files.js';
import { answer, HttpError, readBody, readJson } from './http.js';
import type { Sandbox } from './sandbox.js';
import type { Session, Sessions } from './sessions.js';

export interface Services {
  readonly sessions: Sessions;
  readonly sandbox: Sandbox;
  /** Undefined in open mode. */
  readonly keys: ApiKeys | undefined;
  readonly maxBody: number;
}

/** A request whose route is known. */
export interface Call extends Services {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly tenant: string | undefined;
  /** The session's id, from the path. */
  readonly id: string;
  /** The file's name, from the path and as it was sent. */
  readonly file: string;
}

const LARGEST_MEMORY_PAGES = 65_536;
const LONGEST_IDLE_S = 86_400;
const LONGEST_TIMEOUT_MS = 60_000;

export async function createSession(call: Call): Promise<void> {
  const body = await readJson(call.request, call.maxBody);
  const pages = body['memory_cap_pages'] ?? null;
  const memoryCapPages =
    pages === null ? null : numberFrom('memory_cap_pages', pages, LARGEST_MEMORY_PAGES);
  if (memoryCapPages !== null && !Number.isInteger(memoryCapPages)) {
    throw new HttpError(400, 'memory_cap_pages must be an integer');
  }
  const idleS = numberFrom('timeout_s', body['timeout_s'] ?? 600, LONGEST_IDLE_S);
  const { id } = await call.sessions.create({
    tenant: call.tenant,
    memoryCapPages,
    idleTimeoutMs: idleS * 1_000,
  });
  answer(call.response, 200, { id });
}

export async function deleteSession(call: Call): Promise<void> {
  const { id } = findSession(call);
  await call.sessions.end(id);
  answer(call.response, 204);
}

export async function execute(call: Call): Promise<void> {
  const { sessions, sandbox, response } = call;
  findSession(call);
  const { code, timeout_ms = 5_000 } = await readJson(call.request, call.maxBody);
  if (typeof code !== 'string') throw new HttpError(400, 'code must be a string');
  const timeoutMs = numberFrom('timeout_ms', timeout_ms, LONGEST_TIMEOUT_MS);
  // Looked up again: it may have ended while the body was on its way.
  const session = findSession(call);
  if (!sandbox.hasRoom()) {
    exec.rejected('concurrency');
    throw new HttpError(429, 'too many executions are running', { 'Retry-After': '1' });
  }

  const signal = AbortSignal.any([session.signal, whenClosed(response)]);
  const { id, directory, memoryCapPages } = session;
  const outcome = await sessions.whileBusy(session, () =>
    exec.run({ session: id }, async (run) => {
      const startedAt = performance.now();
      const ended = await sandbox.run({ code, directory, memoryCapPages, timeoutMs, signal });
      const duration_ms = Math.round(performance.now() - startedAt);
      if (ended.truncated) run.truncated();
      run.end(ended.result);
      return { ...ended, duration_ms };
    }),
  );
  answer(response, 200, outcome);
}

export async function putFile(call: Call): Promise<void> {
  findSession(call);
  const content = await readBody(call.request, call.maxBody);
  const { directory } = findSession(call);
  if (!writeInside(directory, decodePath(call.file), content)) {
    throw new HttpError(400, 'not the path of a file in the session');
  }
  answer(call.response, 204);
}

/** One that is unknown, expired or another tenant's looks the same from outside. */
function findSession({ sessions, id, tenant }: Call): Session {
  const session = sessions.find(id, tenant);
  if (session === undefined) throw new HttpError(404, 'no such session');
  return session;
}

function decodePath(path: string): string {
  // Node hands raw bytes on as Latin-1; a URI has none, and they would name another file.
  if (/[^!-~]/.test(path)) throw new HttpError(400, 'the path is not a URI');
  try {
    return decodeURIComponent(path);
  } catch {
    throw new HttpError(400, 'the path is not percent-encoded UTF-8');
  }
}

function numberFrom(name: string, value: unknown, max: number): number {
  if (typeof value !== 'number' || !(value > 0) || value > max) {
    throw new HttpError(400, `${name} must be a number above 0, at most ${max}`);
  }
  return value;
}

/** Fires when the connection is gone, which after an answer no longer matters. */
function whenClosed(response: ServerResponse): AbortSignal {
  const closed = new AbortController();
  if (response.destroyed) closed.abort();
  response.once('close', () => {
    closed.abort();
  });
  return closed.signal;
}
