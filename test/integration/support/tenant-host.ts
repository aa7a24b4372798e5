import type { TestContext } from 'node:test';
import { startHost } from '../../support/host.js';
import { ROOT } from '../../support/paths.js';

/** What the fixture host says it did. */
export interface Did {
  readonly started: number;
  readonly ok: number;
  readonly notOk: number;
  readonly inFlight: number;
  readonly limited: number;
}

/** For how many milliseconds a host of tenants held its event loop since it was last asked. */
export async function longestTurn(url: string): Promise<number> {
  return (await (await fetch(`${url}/turn`)).json()) as number;
}

/** Starts the host of tenants, with so many or with these, and waits until it has served them. */
export async function startTenantHost(
  t: TestContext,
  {
    tenants,
    env = {},
  }: { tenants: number | readonly string[]; env?: Readonly<Record<string, string>> },
): Promise<{ url: string; adminUrl: string; did: Did }> {
  const host = await startHost(t, {
    args: [`${ROOT}build/test/integration/fixtures/tenant-load.js`, JSON.stringify(tenants)],
    env: { AGENT_OTEL_LOG_LEVEL: 'info', ...env },
  });
  const line = await host.line(/admin listener is at/);
  const adminUrl = /http:\S+/.exec(line)?.[0] ?? '';
  return { url: host.url, adminUrl, did: (await (await fetch(host.url)).json()) as Did };
}
