import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';

/** What the Engine puts onto every answer (API reference, version 1.43). */
const HEADERS = {
  'Api-Version': '1.43',
  'Docker-Experimental': 'false',
  Ostype: 'linux',
  Server: 'Docker/24.0.7 (linux)',
};

interface FakeContainer {
  readonly id: string;
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  status: 'created' | 'running' | 'exited';
  exitCode: number;
  /** Executions in it get no answer. */
  isHung: boolean;
  readonly waiters: ServerResponse[];
}

interface FakeExec {
  readonly container: FakeContainer;
  readonly command: readonly string[];
  isRunning: boolean;
  exitCode: number | null;
  stream: Duplex | undefined;
}

/** A Docker Engine without containers: its API, its streams, and commands that do as they say. */
export interface FakeEngine {
  /** Where it listens: a socket's path, or a port of loopback. */
  readonly socketPath: string | undefined;
  readonly port: number;
  /** Has a container that somebody else has started. */
  have(name: string): void;
  /** Makes a container deaf: what is executed in it never ends. */
  hang(name: string): void;
  /** Loses an execution that was created. */
  forget(exec: string): void;
  /** Ends a container by itself. */
  crash(name: string, exitCode: number): void;
}

export interface FakeEngineOptions {
  /** `unix` when absent. */
  readonly over?: 'unix' | 'tcp';
  /** Whether the answers say that they are an Engine's. */
  readonly says?: boolean;
  /** The name of the socket. */
  readonly socket?: string;
}

/** Starts one that ends with the test. */
export async function startDockerEngine(
  t: TestContext,
  { over = 'unix', says = true, socket = 'docker.sock' }: FakeEngineOptions = {},
): Promise<FakeEngine> {
  const containers = new Map<string, FakeContainer>();
  const execs = new Map<string, FakeExec>();
  const headers = says ? HEADERS : {};
  const find = (ref: string): FakeContainer | undefined =>
    [...containers.values()].find(({ id, name }) => id.startsWith(ref) || name === ref);

  const create = (name: string, config: FakeContainer['config']): FakeContainer => {
    const id = randomBytes(32).toString('hex');
    const state = { status: 'created' as const, exitCode: 0, isHung: false };
    const container = { id, name, config, ...state, waiters: [] };
    containers.set(id, container);
    return container;
  };

  const handle = async (
    request: IncomingMessage,
    stream: ServerResponse | Duplex,
  ): Promise<void> => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://docker');
    const body = await bodyOf(request);
    const [, collection, id = '', action = ''] =
      /^(?:\/v\d\.\d+)?\/(\w+)(?:\/([^/]+))?(?:\/(\w+))?$/.exec(pathname) ?? [];
    const answer = (status: number, json?: unknown): void => {
      if (!('writeHead' in stream)) {
        stream.end(`HTTP/1.1 ${status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
        return;
      }
      const text = json === undefined ? undefined : `${JSON.stringify(json)}\n`;
      stream.writeHead(status, {
        ...headers,
        ...(text !== undefined && { 'Content-Type': 'application/json' }),
      });
      stream.end(text);
    };
    const missing = (what: string): void => {
      answer(404, { message: `No such ${what}: ${id}` });
    };

    if (collection === 'exec') {
      const exec = execs.get(id);
      if (exec === undefined) missing('exec instance');
      else if (action === 'json') answer(200, describeExec(id, exec));
      else if ((body as { Detach?: boolean }).Detach === true) {
        answer(200);
        run(exec);
      } else {
        hijack(exec, stream, headers);
        run(exec);
      }
      return;
    }
    if (collection !== 'containers') {
      answer(404, { message: 'page not found' });
      return;
    }
    if (id === 'create') {
      const name = searchParams.get('name') ?? randomBytes(4).toString('hex');
      if (find(name) !== undefined) {
        answer(409, { message: `Conflict. The container name "/${name}" is already in use` });
        return;
      }
      answer(201, { Id: create(name, body as FakeContainer['config']).id, Warnings: [] });
      return;
    }
    const container = find(id);
    if (container === undefined) {
      missing('container');
      return;
    }
    switch (`${request.method ?? ''} ${action}`) {
      case 'POST start': {
        if (container.config['Image'] === 'broken') answer(500, { message: 'cannot start' });
        else answer(container.status === 'running' ? 304 : 204);
        if (container.config['Image'] !== 'broken') container.status = 'running';
        break;
      }
      case 'POST stop':
      case 'POST kill':
        answer(container.status === 'running' ? 204 : 304);
        end(container, 137);
        break;
      case 'POST wait':
        if (container.status === 'exited') answer(200, { StatusCode: container.exitCode });
        else if ('writeHead' in stream) {
          stream.writeHead(200, { ...headers, 'Content-Type': 'application/json' }).flushHeaders();
          container.waiters.push(stream);
        }
        break;
      case 'POST exec': {
        if (container.status !== 'running') {
          answer(409, { message: `Container ${container.id} is not running` });
          break;
        }
        const execId = randomBytes(32).toString('hex');
        const command = (body as { Cmd: string[] }).Cmd;
        const exec = { container, command, isRunning: false, exitCode: null, stream: undefined };
        execs.set(execId, exec);
        answer(201, { Id: execId });
        break;
      }
      case 'GET json':
        answer(200, describe(container));
        break;
      case 'DELETE ':
        answer(204);
        end(container, 137);
        containers.delete(container.id);
        break;
      default:
        answer(404, { message: 'page not found' });
    }
  };

  const end = (container: FakeContainer, exitCode: number): void => {
    if (container.status !== 'running') return;
    container.status = 'exited';
    container.exitCode = exitCode;
    for (const exec of execs.values()) if (exec.container === container) finish(exec, exitCode);
    for (const waiter of container.waiters) waiter.end(JSON.stringify({ StatusCode: exitCode }));
  };

  const server = createServer((request, response) => {
    void handle(request, response);
  });
  server.on('upgrade', (request: IncomingMessage, connection: Duplex) => {
    void handle(request, connection);
  });
  const directory = mkdtempSync(path.join(tmpdir(), 'engine-'));
  const socketPath = over === 'unix' ? path.join(directory, socket) : undefined;
  const open = new Set<Duplex>();
  server.on('connection', (connection: Duplex) => {
    open.add(connection.on('error', () => undefined));
  });
  if (socketPath === undefined) server.listen(0, '127.0.0.1');
  else server.listen(socketPath);
  await once(server, 'listening');
  t.after(() => {
    server.close();
    for (const connection of open) connection.destroy();
    rmSync(directory, { recursive: true, force: true });
  });
  return {
    socketPath,
    port: socketPath === undefined ? portOf(server) : 0,
    have: (name) => {
      create(name, {}).status = 'running';
    },
    hang: (name) => {
      const container = find(name);
      if (container !== undefined) container.isHung = true;
    },
    forget: (exec) => {
      execs.delete(exec);
    },
    crash: (name, exitCode) => {
      const container = find(name);
      if (container !== undefined) end(container, exitCode);
    },
  };
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** An upgraded request has its body by its length; Node has read none of it. */
async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const body = request.headers.upgrade === undefined ? await text(request) : '';
  return body === '' ? {} : (JSON.parse(body) as unknown);
}

/** The Engine takes the connection over: upgraded where that was asked for, raw where not. */
function hijack(
  exec: FakeExec,
  stream: ServerResponse | Duplex,
  headers: Readonly<Record<string, string>>,
): void {
  const connection = 'writeHead' in stream ? stream.socket : stream;
  const upgraded = 'writeHead' in stream ? [] : ['Connection: Upgrade', 'Upgrade: tcp'];
  connection?.write(
    [
      upgraded.length > 0 ? 'HTTP/1.1 101 UPGRADED' : 'HTTP/1.1 200 OK',
      'Content-Type: application/vnd.docker.multiplexed-stream',
      ...upgraded,
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      '\r\n',
    ].join('\r\n'),
  );
  exec.stream = connection?.resume();
}

/** `echo` writes, `false` fails, `timeout` times out, `sleep` and what is in a hung container never ends. */
function run(exec: FakeExec): void {
  const [program = '', ...words] = exec.command;
  exec.isRunning = true;
  if (exec.container.isHung || program === 'sleep') return;
  if (program === 'echo') exec.stream?.write(frame(1, `${words.join(' ')}\n`));
  if (program === 'false') exec.stream?.write(frame(2, 'it failed\n'));
  const exitCodes: Record<string, number> = { false: 1, timeout: 124 };
  setTimeout(finish, 5, exec, exitCodes[path.basename(program)] ?? 0);
}

function finish(exec: FakeExec, exitCode: number): void {
  exec.exitCode ??= exitCode;
  exec.isRunning = false;
  exec.stream?.end();
}

/** A frame of a multiplexed stream: the stream's number, three zeroes, the length, the bytes. */
function frame(stream: 1 | 2, words: string): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt8(stream, 0);
  header.writeUInt32BE(Buffer.byteLength(words), 4);
  return Buffer.concat([header, Buffer.from(words)]);
}

function describe({ id, name, config, status, exitCode }: FakeContainer): object {
  const running = status === 'running';
  return {
    Id: id,
    Name: `/${name}`,
    State: { Status: status, Running: running, Paused: false, Dead: false, ExitCode: exitCode },
    Config: config,
  };
}

function describeExec(id: string, exec: FakeExec): object {
  return {
    ID: id,
    ContainerID: exec.container.id,
    Running: exec.isRunning,
    ExitCode: exec.exitCode,
    OpenStdin: false,
    OpenStdout: true,
    Pid: 42,
  };
}
