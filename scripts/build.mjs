// Builds the package (dist/) and the runnable copies of the examples and tests (build/).
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, stop } from 'esbuild';
import { writeLicences } from './licences.mjs';
import { hideAbsentTypes } from './absent-types.mjs';
import { writeLiteralNames } from './literal-names.mjs';
import { narrowRequires } from './narrow-requires.mjs';
import { readOnce } from './read-once.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
process.chdir(root);

/** Every TypeScript file below a folder; `fs.globSync` is not there on Node 20. */
const sources = (folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => path.join(folder, name));

rmSync('build', { recursive: true, force: true });
rmSync('dist', { recursive: true, force: true });

const common = {
  platform: 'node',
  target: 'node20.6',
  logLevel: 'warning',
  // lazy-require.ts asks for it in ES modules alone.
  logOverride: { 'empty-import-meta': 'silent' },
  sourcemap: false,
};

// What a host imports is our own code alone: the SDK packages that it hands its parts to, and
// @opentelemetry/api, stay the host's.
const CJS = { '.js': '.cjs' };
const bundle = { ...common, bundle: true, packages: 'external' };

// What the preload loads has OpenTelemetry's packages in it, because each of them is dozens of
// files to find and read. Of the API it has what only computes; whatever is registered goes
// through the package that the host has as well, which is not bundled.
const bundled = {
  ...common,
  bundle: true,
  format: 'cjs',
  mainFields: ['module', 'main'],
  external: ['@opentelemetry/otlp-grpc-exporter-base'],
  minifySyntax: true,
  minifyWhitespace: true,
  metafile: true,
};
/** The parts of OpenTelemetry that are loaded by who needs them, and by src/otel/bundled.ts. */
const PARTS = ['sdk', 'sdk-prometheus', 'sdk-otlp', 'sdk-logs'].map(
  (part) => `src/otel/${part}.ts`,
);
const API = '@opentelemetry/api';

const results = await Promise.all([
  // register.cjs loads preload.cjs where there is work to do, and that one the others.
  build({
    ...bundled,
    entryPoints: ['src/register.ts', 'src/preload.ts'],
    outdir: 'dist',
    outExtension: CJS,
  }),
  build({
    ...bundled,
    entryPoints: [...PARTS, 'src/otel/otlp-worker.ts'],
    plugins: [
      readOnce(API),
      narrowRequires({
        from: /PrometheusSerializer\.js$/,
        packages: /^@opentelemetry\/(core|sdk-metrics|semantic-conventions)$/,
      }),
    ],
    outdir: 'dist',
    outExtension: CJS,
  }),
  // The tests have the packages themselves, and one copy of each.
  build({ ...bundle, format: 'cjs', entryPoints: PARTS, outdir: 'build/src', outExtension: CJS }),
  build({
    ...bundle,
    format: 'cjs',
    entryPoints: ['src/index.ts'],
    plugins: [readOnce(API)],
    outfile: 'dist/index.cjs',
  }),
  build({ ...bundle, format: 'esm', entryPoints: ['src/index.ts'], outfile: 'dist/index.js' }),
  build({
    ...bundle,
    format: 'cjs',
    entryPoints: ['src/cli.ts'],
    outfile: 'dist/cli.cjs',
    banner: { js: '#!/usr/bin/env node' },
  }),
  // The example servers without a telemetry call, as a bundle in which there is none.
  build({
    ...bundle,
    format: 'esm',
    entryPoints: {
      'wasmrun/server': 'examples/wasmrun/server.ts',
      'wasmrun/sandbox-worker': 'examples/wasmrun/sandbox-worker.ts',
      'ash/server': 'examples/ash/server.ts',
      'ash/sandbox-child': 'examples/ash/sandbox-child.ts',
      'arbiter/server': 'examples/arbiter/server.ts',
      'arbiter/child': 'examples/arbiter/sandbox/child.ts',
    },
    alias: { 'agent-otel': './examples/twins/without-telemetry.ts' },
    outdir: 'build/twins',
  }),
  build({
    ...common,
    format: 'esm',
    entryPoints: ['src', 'test', 'examples'].flatMap(sources),
    outdir: 'build',
    outbase: '.',
    sourcemap: 'inline',
  }),
]);
await stop();
for (const file of readdirSync('dist')) writeLiteralNames(path.join('dist', file));
writeLicences('dist/THIRD_PARTY_LICENSES', results);
chmodSync('dist/cli.cjs', 0o755);

const require = createRequire(import.meta.url);
execFileSync(
  process.execPath,
  [require.resolve('typescript/bin/tsc'), '-p', 'tsconfig.types.json'],
  {
    stdio: 'inherit',
  },
);
hideAbsentTypes('dist/types');
// The same declarations once more for `require`: in a package of their own that is CommonJS,
// because declarations that are ES modules cannot be required by older compilers.
cpSync('dist/types', 'dist/types-cjs', { recursive: true });
writeFileSync('dist/types-cjs/package.json', '{ "type": "commonjs" }\n');
