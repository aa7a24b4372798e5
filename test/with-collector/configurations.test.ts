/** The configurations, as the binary itself judges them, and the script that builds it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { ROOT } from '../support/paths.js';
import { collectorBinary, CONFIGURATIONS, configurationFile } from './support/collector.js';

for (const name of CONFIGURATIONS) {
  test(`${name}.yaml is valid without any variable set`, (t) => {
    const binary = collectorBinary(t);
    if (binary === undefined) return;
    const { status, stderr } = spawnSync(
      binary,
      ['validate', '--config', configurationFile(name)],
      {
        encoding: 'utf8',
        env: {},
      },
    );
    assert.equal(status, 0, stderr);
    assert.doesNotMatch(stderr, /deprecated/i);
  });
}

test('the manifest has what the configurations use, and nothing else', () => {
  const manifest = readFileSync(`${ROOT}otel-collector/manifest.yaml`, 'utf8');
  const configured = CONFIGURATIONS.map((name) => readFileSync(configurationFile(name), 'utf8'));
  const kinds = ['receiver', 'processor', 'exporter', 'extension'] as const;
  for (const kind of kinds) {
    const used = new Set(
      configured.flatMap((text) => {
        const section = new RegExp(`^${kind}s:\\n((?: .*\\n|\\n)*)`, 'm').exec(text)?.[1] ?? '';
        return [...section.matchAll(/^ {2}([a-z_]+)(?:\/\w+)?:/gm)].map(([, name = '']) =>
          name.replaceAll('_', ''),
        );
      }),
    );
    const folder = kind === 'extension' ? 'extension(?:/storage)?' : kind;
    const built = [...manifest.matchAll(new RegExp(`/${folder}/(\\w+) v`, 'g'))].map(
      ([, module = '']) => module.replace(kind, ''),
    );
    assert.deepEqual([...used].sort(), built.sort(), kind);
  }
});

test('without Go the script says so and ends with 3', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [`${ROOT}scripts/collector.mjs`], {
    encoding: 'utf8',
    env: { PATH: '', AGENT_OTEL_COLLECTOR_CACHE: `${ROOT}build/none` },
  });
  assert.deepEqual([status, stdout], [3, '']);
  assert.match(stderr, /needs Go/);
});

test('with --no-build it only looks', () => {
  const { status, stderr } = spawnSync(
    process.execPath,
    [`${ROOT}scripts/collector.mjs`, '--no-build'],
    {
      encoding: 'utf8',
      env: { ...process.env, OTELCOL: '', AGENT_OTEL_COLLECTOR_CACHE: `${ROOT}build/none` },
    },
  );
  assert.equal(status, 3);
  assert.match(stderr, /is not built/);
  assert.ok(!existsSync(`${ROOT}build/none`));
});

test('a binary that is ready is named by OTELCOL', () => {
  const find = (OTELCOL: string): { status: number | null; stdout: string; stderr: string } =>
    spawnSync(process.execPath, [`${ROOT}scripts/collector.mjs`], {
      encoding: 'utf8',
      env: { OTELCOL },
    });
  assert.equal(find(process.execPath).stdout, `${process.execPath}\n`);
  const missing = find('/none/otelcol');
  assert.deepEqual([missing.status, missing.stdout], [1, '']);
  assert.match(missing.stderr, /OTELCOL is \/none\/otelcol, which is not there/);
});
