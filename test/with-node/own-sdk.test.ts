import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import { waitForAccessLines } from '../process/support/access-lines.js';
import { requestId, send } from '../process/support/client.js';
import { readSamples, valueOf } from '../process/support/exposition.js';
import { startHost, type Host } from '../support/host.js';
import { PRELOAD } from '../support/paths.js';
import { waitFor } from '../support/wait.js';
import { hostsBeside, installedPackages, newerNode, type PackageSet } from './support/packages.js';

interface Exported {
  readonly spans: readonly {
    readonly name: string;
    readonly kind: number;
    readonly scope: string;
    readonly spanId: string;
    /** Of a request. */
    readonly path?: string;
    readonly parentSpanId: string;
  }[];
  readonly metrics: readonly { readonly name: string; readonly count: number }[];
}

const SERVER = 1;
const REQUESTS = 3;

/** Each line of the SDK with auto-instrumentations, on the Nodes that it is for. */
const LINES: readonly { set: PackageSet; major: '20' | '22' | '26' }[] = [
  { set: 'sdk-2', major: '20' },
  { set: 'sdk-3', major: '22' },
  { set: 'sdk-3', major: '26' },
];

/** How the SDK and the preload come together, in Node's flags and the host's argument. */
const ORDERS: Readonly<
  Record<
    string,
    (sdk: string) => { nodeArgs: readonly string[]; plainArgs: readonly string[]; argument: string }
  >
> = {
  'before us': (sdk) => ({
    nodeArgs: ['--require', sdk, '--require', PRELOAD],
    plainArgs: ['--require', sdk],
    argument: '',
  }),
  'after us': (sdk) => ({
    nodeArgs: ['--require', PRELOAD, '--require', sdk],
    plainArgs: ['--require', sdk],
    argument: '',
  }),
  'by the host itself': () => ({
    nodeArgs: ['--require', PRELOAD],
    plainArgs: [],
    argument: 'first',
  }),
};

/** What has been exported but for the requests that ask for it. */
async function exported(host: Host): Promise<Exported> {
  const { spans, metrics } = JSON.parse((await send(`${host.url}/exported`)).body) as Exported;
  return { spans: spans.filter(({ path }) => path !== '/exported'), metrics };
}

/** Spans by name and scope; those of agent-otel are left out. */
function theirs({ spans }: Exported): string[] {
  return spans
    .filter(({ scope }) => scope !== 'agent-otel')
    .map(({ name, scope }) => `${scope}: ${name}`)
    .sort();
}

// Two at a time, as the runner does with files.
describe('a host with an SDK of its own', { concurrency: 2 }, () => {
  for (const { set, major } of LINES) {
    for (const [when, order] of Object.entries(ORDERS)) {
      for (const sampler of ['always_on', 'always_off'] as const) {
        test(`${set} on Node ${major}, loaded ${when}, ${sampler}`, async (t) => {
          const node = major === '20' ? process.execPath : newerNode(t, major);
          const packages = node && installedPackages(t, set);
          if (node === undefined || packages === undefined) return;
          const folder = `${hostsBeside(t, packages).written}with-sdk/`;
          const { plainArgs, nodeArgs, argument } = order(`${folder}sdk.cjs`);
          const start = (flags: readonly string[]): Promise<Host> =>
            startHost(t, {
              node,
              nodeArgs: flags,
              args: [`${folder}server.cjs`, argument, set],
              env: { OTEL_TRACES_SAMPLER: sampler, AGENT_OTEL_INLINE: 'true' },
            });

          const host = await start(nodeArgs);
          const ids: string[] = [];
          for (let i = 0; i < REQUESTS; i++) ids.push(requestId(await send(`${host.url}/work`)));

          // Everything that they would without us.
          let expected: string[] = [];
          if (sampler === 'always_on') {
            const plain = await start(plainArgs);
            for (let i = 0; i < REQUESTS; i++) await send(`${plain.url}/work`);
            expected = theirs(await exported(plain));
            assert.equal(expected.length, 2 * REQUESTS, String(expected));
          }
          const all = await waitFor(async () => {
            const now = await exported(host);
            return theirs(now).length >= expected.length && now;
          });
          assert.deepEqual(theirs(all), expected);

          // One server span for each request, whose id is the request's.
          const sampled = sampler === 'always_on' ? ids : [];
          const served = all.spans.filter(({ kind }) => kind === SERVER);
          assert.deepEqual(
            served.map(({ spanId }) => spanId),
            sampled,
          );
          const work = all.spans.filter(({ name }) => name === 'host work');
          assert.deepEqual(
            work.map(({ parentSpanId }) => parentSpanId),
            sampled,
          );
          if (sampler === 'always_off') assert.deepEqual(all.spans, []);

          const lines = await waitForAccessLines(host, REQUESTS);
          assert.deepEqual(
            lines.slice(0, REQUESTS).map(({ id, path }) => [id, path]),
            ids.map((id) => [id, '/work']),
          );
          const samples = readSamples((await send(`${host.url}/api/v1/metrics`)).body);
          assert.equal(valueOf(samples, 'wasmrun_agent_exec_duration_ms_count'), REQUESTS);
          const measured = all.metrics.find(({ name }) => name === 'agent.exec.duration');
          assert.equal(measured?.count, REQUESTS);
        });
      }
    }
  }
});
