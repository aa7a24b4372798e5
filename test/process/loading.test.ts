import assert from 'node:assert/strict';
import { pathToFileURL } from 'node:url';
import test from 'node:test';
import { startHost } from '../support/host.js';
import { fixture, PRELOAD } from '../support/paths.js';
import { waitForAccessLines } from './support/access-lines.js';
import { requestId, send } from './support/client.js';
import { readSamples, valueOf } from './support/exposition.js';

const BODY = `
  const server = http.createServer((request, response) => {
    exec.run({}, () => undefined);
    response.end('ok');
  });
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));`;
const COMMON_JS = `const http = require('node:http'); const { exec } = require('agent-otel');${BODY}`;
const ES_MODULE = `import { createServer } from 'node:http'; import http from 'node:http';
  import { exec } from 'agent-otel'; void createServer;${BODY}`;
const preload = pathToFileURL(PRELOAD).href;

const HOSTS: Readonly<Record<string, readonly string[]>> = {
  'a CommonJS host': ['-e', COMMON_JS],
  'an ES module host': ['--input-type=module', '-e', ES_MODULE],
};
const WAYS: readonly {
  readonly way: string;
  readonly nodeArgs: readonly string[];
  readonly env?: Record<string, string>;
}[] = [
  { way: '--require', nodeArgs: ['--require', PRELOAD] },
  { way: '--require of the package', nodeArgs: ['--require', 'agent-otel/register'] },
  { way: '--import', nodeArgs: ['--import', preload] },
  { way: '--import of the package', nodeArgs: ['--import', 'agent-otel/register'] },
  {
    way: 'NODE_OPTIONS',
    nodeArgs: [],
    env: { NODE_OPTIONS: '--require agent-otel/register' },
  },
  {
    way: 'both at once',
    nodeArgs: ['--require', PRELOAD, '--import', preload],
    env: { NODE_OPTIONS: `--require ${JSON.stringify(PRELOAD)}` },
  },
];

for (const [what, args] of Object.entries(HOSTS)) {
  for (const { way, nodeArgs, env = {} } of WAYS) {
    test(`${what} is followed with ${way}`, async (t) => {
      const host = await startHost(t, {
        args,
        nodeArgs,
        env: { AGENT_OTEL_INLINE: 'true', ...env },
      });
      const id = requestId(await send(`${host.url}/work`));
      const scrape = await send(`${host.url}/api/v1/metrics`);
      const name = 'wasmrun_agent_exec_duration_ms_count';
      assert.equal(valueOf(readSamples(scrape.body), name), 1);
      const lines = await waitForAccessLines(host, 2);
      assert.deepEqual(
        lines.map(({ id, path }) => [id, path]),
        [
          [id, '/work'],
          [requestId(scrape), '/api/v1/metrics'],
        ],
      );
    });
  }
}

test('a host that runs from a file of its own is followed as well', async (t) => {
  const host = await startHost(t, { args: [fixture('traced.js')] });
  const id = requestId(await send(`${host.url}/exec`));
  assert.equal((await waitForAccessLines(host, 1))[0]?.id, id);
});
