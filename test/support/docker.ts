import type { TestContext } from 'node:test';
import Docker from 'dockerode';
import type { ContainerRule } from '../../src/config/rules.js';
import type { ServerRequest } from '../../src/events/server-request.js';
import { instrumentDocker } from '../../src/instrumentation/docker/instrument-docker.js';
import { startDockerEngine, type FakeEngine, type FakeEngineOptions } from './docker-engine.js';
import { startRuntime, type TestRuntime } from './runtime.js';
import { waitFor } from './wait.js';

/** A runtime that follows the Docker requests of the test, an Engine, and a client for it. */
export interface DockerTest extends TestRuntime {
  readonly engine: FakeEngine;
  readonly docker: Docker;
  readonly request: ServerRequest;
  /** Calls `fn` as the handler of the request. */
  readonly inRequest: <T>(fn: () => T) => T;
  /** Makes and starts a container. */
  readonly start: (options?: Docker.ContainerCreateOptions) => Promise<Docker.Container>;
  /** Containers started, reaped, rebuilt and running. */
  readonly containers: () => (number | undefined)[];
  /** Executions in containers, those that timed out; and all by result, once none is in flight. */
  readonly executions: () => Promise<(number | undefined)[]>;
}

export async function followDocker(
  t: TestContext,
  { rules = [], ...options }: FakeEngineOptions & { rules?: readonly ContainerRule[] } = {},
): Promise<DockerTest> {
  const agent = startRuntime(t);
  const engine = await startDockerEngine(t, options);
  t.after(instrumentDocker({ runtime: agent.runtime, rules }));
  const docker = new Docker(
    engine.socketPath === undefined
      ? { host: '127.0.0.1', port: engine.port, protocol: 'http', version: 'v1.43' }
      : { socketPath: engine.socketPath },
  );
  const request = agent.incoming();
  const sandbox = (name: string): number | undefined => agent.sample(`arbiter_sandbox_${name}`);
  return {
    ...agent,
    engine,
    docker,
    request,
    inRequest: (fn) => request.handle(fn),
    async start(container = {}) {
      const created = await docker.createContainer({
        Image: 'python:3',
        name: 'box',
        ...container,
      });
      await created.start();
      return created;
    },
    containers: () => [
      sandbox('container_started_total'),
      sandbox('container_reaped_total'),
      sandbox('container_rebuilt_total'),
      sandbox('containers_running'),
    ],
    async executions() {
      const results = ['success', 'error', 'timeout'].map(
        (result) => `wasmrun_agent_exec_total{result="${result}"}`,
      );
      await waitFor(
        () =>
          agent.sample('wasmrun_agent_exec_in_flight') === 0 &&
          agent.sample('wasmrun_agent_exec_duration_ms_count') === sandbox('exec_total'),
        { what: 'every execution’s result' },
      );
      return [
        sandbox('exec_total'),
        sandbox('exec_timeout_total'),
        ...results.map((name) => agent.sample(name)),
      ];
    },
  };
}
