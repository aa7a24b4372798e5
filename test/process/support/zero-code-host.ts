import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { startHost, type Host } from '../../support/host.js';
import { fixture } from '../../support/paths.js';
import { waitFor } from '../../support/wait.js';
import { send, type Answered } from './client.js';
import { temporaryFolder } from './ending-host.js';
import { readSamples, valueOf, type Sample } from './exposition.js';

/** Headers, and a body among them. */
type Headers = Readonly<Record<string, string>> & { readonly body?: string };

/** A host without telemetry code, and what the preload shows of it. */
export interface ZeroCodeHost extends Host {
  /** Sends a request that the host answers as it is told; in its headers may be a body. */
  ask(target: string, what: string, headers?: Headers): Promise<Answered>;
  /** Everything that the admin listener shows. */
  scrape(): Promise<Sample[]>;
  /** A sample, as soon as it has this value; undefined is a sample that is not there. */
  shows(
    name: string,
    labels: Readonly<Record<string, string>>,
    value: number | undefined,
  ): Promise<void>;
}

/** Starts a host under the preload, with rules of its own if it has any. */
export async function startZeroCodeHost(
  t: TestContext,
  {
    args = [fixture('zero-code.js')],
    rules,
    env = {},
  }: { args?: readonly string[]; rules?: object; env?: Record<string, string> } = {},
): Promise<ZeroCodeHost> {
  const host = await startHost(t, {
    args,
    env: {
      AGENT_OTEL_LOG_LEVEL: 'info',
      ...(rules !== undefined && { AGENT_OTEL_RULES: rulesFile(t, rules) }),
      ...env,
    },
  });
  const said = await host.line(/the admin listener is at/);
  const admin = /http:\S+/.exec(said)?.[0] ?? '';
  const scrape = async (): Promise<Sample[]> => readSamples((await send(`${admin}/metrics`)).body);
  return {
    ...host,
    scrape,
    ask: (target, what, { body, ...headers } = {}) => {
      const [method = 'GET', url = '/'] = target.split(' ');
      return send(host.url + url, {
        method,
        headers: { 'x-do': what, ...headers },
        ...(body !== undefined && { body }),
      });
    },
    async shows(name, labels, value) {
      let last: number | undefined;
      const labelled = `${name} ${JSON.stringify(labels)}`;
      await waitFor(async () => (last = valueOf(await scrape(), name, labels)) === value, {
        what: `${labelled} to be ${value}, not`,
        timeoutMs: 5_000,
      }).catch((error: unknown) => {
        throw new Error(`${String(error)} ${last}`);
      });
    },
  };
}

function rulesFile(t: TestContext, rules: object): string {
  const file = path.join(temporaryFolder(t), 'rules.json');
  writeFileSync(file, JSON.stringify(rules));
  return file;
}
