/** A stream that ended with an error event, and had no `done` event, counted as a success. */
import test from 'node:test';
import { startZeroCodeHost } from '../process/support/zero-code-host.js';

test('a stream that ends with an error did not succeed, unless it says so itself', async (t) => {
  const host = await startZeroCodeHost(t);
  const completed = async (ok: string, count: number): Promise<void> => {
    await host.shows('arbiter_requests_completed_total', { route: 'orchestrate', ok }, count);
  };
  await host.ask('POST /v1/orchestrate', 'error by type');
  await host.ask('POST /v1/orchestrate', 'error by name');
  await completed('false', 2);
  await host.ask('POST /v1/orchestrate', 'error on its way');
  await host.ask('POST /v1/orchestrate', 'error before done');
  await completed('true', 2);
  await completed('false', 2);
});
