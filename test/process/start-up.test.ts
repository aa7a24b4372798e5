import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import path from 'node:path';
import test from 'node:test';
import { cleanEnvironment, startHost } from '../support/host.js';
import { PRELOAD, ROOT } from '../support/paths.js';
import { send } from './support/client.js';

const DIST = `${ROOT}dist`;
/** The files of ours that are loaded, and whether a package of OpenTelemetry is. */
const LOADED = `[...new Set(Object.keys(require.cache).flatMap((file) =>
  file.includes('opentelemetry') ? ['package']
    : file.startsWith(${JSON.stringify(DIST)}) ? [file.slice(${DIST.length + 1})] : []))].sort()`;

test('a process that neither listens nor records loads nothing of OpenTelemetry', () => {
  const program = `console.log(JSON.stringify(${LOADED}))`;
  const { stdout } = spawnSync(process.execPath, ['--require', PRELOAD, '-e', program], {
    encoding: 'utf8',
    env: cleanEnvironment(),
  });
  assert.deepEqual(JSON.parse(stdout), ['preload.cjs', 'register.cjs']);
});

const SERVER = `require('node:http').createServer((request, response) =>
  response.end(JSON.stringify(${LOADED}))).listen(0, '127.0.0.1', function () {
    console.log(this.address().port); });`;

test('a process that neither listens nor records loads nothing for TLS and for hashes', () => {
  const program = `console.log(JSON.stringify(process.moduleLoadList))`;
  const { stdout } = spawnSync(process.execPath, ['--require', PRELOAD, '-e', program], {
    encoding: 'utf8',
    env: cleanEnvironment(),
  });
  const loaded = JSON.parse(stdout) as string[];
  assert.ok(loaded.includes('NativeModule http'));
  assert.deepEqual(
    loaded.filter((name) => /^NativeModule (crypto|https|tls)$/.test(name)),
    [],
  );
});

test('a server loads the SDK when it listens, and the serializers when they are needed', async (t) => {
  const host = await startHost(t, {
    args: ['-e', SERVER],
    env: { AGENT_OTEL_LOG_LEVEL: 'info' },
  });
  const atFirst = ['package', 'preload.cjs', 'register.cjs', 'sdk.cjs'];
  assert.deepEqual(JSON.parse((await send(host.url)).body), atFirst);
  const admin = /http:\S+/.exec(await host.line(/admin listener is at/))?.[0] ?? '';
  assert.match((await send(new URL('/metrics', admin).href)).body, /^# TYPE /m);
  assert.deepEqual(JSON.parse((await send(host.url)).body), [
    ...atFirst.slice(0, 3),
    'sdk-prometheus.cjs',
    'sdk.cjs',
  ]);
});

test('a host with an SDK of its own does not load ours', async (t) => {
  const own = `const { BasicTracerProvider } = require('@opentelemetry/sdk-trace-base');
    require('@opentelemetry/api').trace.setGlobalTracerProvider(new BasicTracerProvider());`;
  const host = await startHost(t, { args: ['-e', own + SERVER] });
  assert.deepEqual(JSON.parse((await send(host.url)).body), [
    'package',
    'preload.cjs',
    'register.cjs',
  ]);
});

/** What npm installs beside us, or the host has: the peers. */
const { peerDependencies } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as {
  peerDependencies: Record<string, string>;
};
const KNOWN = new Set([
  ...builtinModules,
  '@opentelemetry/api',
  '@opentelemetry/otlp-grpc-exporter-base',
]);

test('what is run needs no package but the API, and gRPC’s where that is asked for', () => {
  for (const name of readdirSync(DIST).filter((each) => /\.c?js$/.test(each))) {
    const text = readFileSync(path.join(DIST, name), 'utf8');
    const asked = text.matchAll(/(?:\b\w*[rR]equire\(|\bfrom ?)["']([^"'\n]+)["']/g);
    for (const [, module = ''] of asked) {
      const isOurs = module.startsWith('./') && readdirSync(DIST).includes(module.slice(2));
      assert.ok(isOurs || KNOWN.has(module.replace(/^node:/, '')), `${name}: ${module}`);
    }
  }
  assert.ok('@opentelemetry/api' in peerDependencies);
});

// V8 forgets the shape of literals with computed names; see docs/performance.md.
test('no object literal of what is run has a constant for the name of an attribute', () => {
  for (const name of readdirSync(DIST).filter((each) => /\.c?js$/.test(each))) {
    assert.doesNotMatch(readFileSync(path.join(DIST, name), 'utf8'), /[{,]\s*\[ATTR_\w+\]:/, name);
  }
});

test('the licences of what is bundled are in the package', () => {
  const text = readFileSync(`${DIST}/THIRD_PARTY_LICENSES`, 'utf8');
  assert.match(text, /^@opentelemetry\/sdk-trace-base [\d.]+ \(Apache-2\.0\)$/m);
  assert.match(text, /^ {3}TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION$/m);
});
