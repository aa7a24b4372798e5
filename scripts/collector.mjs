// Finds the Collector of otel-collector/manifest.yaml, or builds it, and prints the path of the
// binary. Progress and complaints go to standard error. The status is 3 where there is no Go to
// build it with, and 1 when the build fails. With --no-build it only looks, and the status is 3
// where there is none.
//
// OTELCOL names a binary that is ready; AGENT_OTEL_COLLECTOR_CACHE the folder for built ones.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { lock } from './lock.mjs';

const NOT_THERE = 3;
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const manifest = readFileSync(path.join(root, 'otel-collector', 'manifest.yaml'), 'utf8');
const [, name] = /^ {2}name: (\S+)$/m.exec(manifest);
const [, version] = /^ {2}version: (\S+)$/m.exec(manifest);
const builder = `go.opentelemetry.io/collector/cmd/builder@v${version}`;

const say = (text) => process.stderr.write(`collector: ${text}\n`);

/** The folder of this manifest's binary on this kind of machine; another manifest has another. */
function folder() {
  const { AGENT_OTEL_COLLECTOR_CACHE, XDG_CACHE_HOME } = process.env;
  const caches = XDG_CACHE_HOME || path.join(homedir(), '.cache');
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}\n${manifest}`);
  return path.join(
    path.resolve(AGENT_OTEL_COLLECTOR_CACHE || path.join(caches, 'agent-otel')),
    `collector-${hash.digest('hex').slice(0, 12)}`,
  );
}

/** Builds next to where the binary belongs, and moves it there when it is whole. */
function build(target) {
  const source = `${target}.build`;
  rmSync(source, { recursive: true, force: true });
  mkdirSync(source, { recursive: true });
  const config = path.join(source, 'manifest.yaml');
  const out = path.join(source, 'src');
  writeFileSync(config, manifest.replace(/^dist:$/m, `$&\n  output_path: ${JSON.stringify(out)}`));
  // The builder itself strips the binary and trims paths from it.
  const { status, signal } = spawnSync('go', ['run', '-trimpath', builder, '--config', config], {
    cwd: source,
    env: { ...process.env, CGO_ENABLED: '0', GOWORK: 'off' },
    stdio: ['ignore', process.stderr, process.stderr],
  });
  if (status !== 0) throw new Error(`the build failed (${signal ?? status}); it is in ${source}`);
  renameSync(path.join(out, name), target);
  rmSync(source, { recursive: true, force: true });
}

async function find() {
  const { OTELCOL } = process.env;
  if (OTELCOL) {
    if (!existsSync(OTELCOL)) throw new Error(`OTELCOL is ${OTELCOL}, which is not there`);
    return path.resolve(OTELCOL);
  }
  const directory = folder();
  const target = path.join(directory, process.platform === 'win32' ? `${name}.exe` : name);
  if (existsSync(target)) return target;
  if (process.argv.includes('--no-build')) {
    say('it is not built; `node scripts/collector.mjs` builds it, with Go');
    return undefined;
  }
  const go = spawnSync('go', ['version'], { encoding: 'utf8' });
  if (go.error || go.status !== 0) {
    say(
      'building the Collector needs Go (https://go.dev/dl), which this machine does not have;' +
        ' OTELCOL can name a binary that is ready',
    );
    return undefined;
  }

  mkdirSync(directory, { recursive: true });
  const unlock = await lock(path.join(directory, 'lock'), (pid) =>
    say(`process ${pid} is building it: waiting`),
  );
  try {
    if (existsSync(target)) return target;
    say(`building ${name} ${version} with ${go.stdout.trim()}; the first time takes minutes`);
    const started = Date.now();
    build(target);
    say(`built in ${Math.round((Date.now() - started) / 1000)} s`);
    return target;
  } finally {
    unlock();
  }
}

try {
  const binary = await find();
  if (binary === undefined) process.exitCode = NOT_THERE;
  else process.stdout.write(`${binary}\n`);
} catch (error) {
  say(error.message);
  process.exitCode = 1;
}
