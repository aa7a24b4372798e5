import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const { resolve } = createRequire(import.meta.url);
const OTEL_HTTP = fileURLToPath(new URL('../stacks/preload/otel-http.cjs', import.meta.url));

/** The peers' names, as they stand in tables and targets. */
export const PROM_PINO = 'prom-client + pino-http';
export const PROM_PINO_ASYNC = 'prom-client + pino-http, async';
export const OTEL_HTTP_PEER = 'sdk-trace + instrumentation-http';
export const AUTO = 'auto-instrumentations-node';
export const EXPRESS_PEER = 'express-prom-bundle + pino-http';
export const FASTIFY_PEER = 'fastify-metrics + logger';

const otel = {
  // Metrics of the stable conventions, which ours has.
  OTEL_SEMCONV_STABILITY_OPT_IN: 'http',
  OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
  OTEL_METRICS_EXPORTER: 'prometheus',
  OTEL_LOGS_EXPORTER: 'none',
  OTEL_TRACES_EXPORTER: 'none',
  // The others ask the network what machine this is.
  OTEL_NODE_RESOURCE_DETECTORS: 'env,host,os,process',
};

/** @param {readonly import('./ours.mjs').Ours[]} builds @param {string} file */
const oursWith = (builds, file) =>
  builds.map(({ name, preload, env }) => ({
    name,
    file,
    flags: ['--require', preload],
    env: { OTEL_LOGS_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'prometheus', ...env },
  }));

/** Plain `node:http` servers. @param {readonly import('./ours.mjs').Ours[]} builds */
export const plainStacks = (builds) => [
  { name: 'bare', file: 'http/bare.cjs' },
  ...oursWith(builds, 'http/ours.cjs'),
  { name: PROM_PINO, file: 'http/prom-pino.cjs' },
  { name: PROM_PINO_ASYNC, file: 'http/prom-pino.cjs', env: { BENCH_LOG: 'async' } },
  { name: OTEL_HTTP_PEER, file: 'http/otel.cjs', flags: ['--require', OTEL_HTTP], env: otel },
  {
    name: AUTO,
    file: 'http/otel.cjs',
    flags: ['--require', resolve('@opentelemetry/auto-instrumentations-node/register')],
    env: otel,
  },
];

/** @param {readonly import('./ours.mjs').Ours[]} builds */
export const expressStacks = (builds) => [
  { name: 'bare', file: 'http/express-bare.cjs' },
  ...oursWith(builds, 'http/express-ours.cjs'),
  { name: EXPRESS_PEER, file: 'http/express-peer.cjs' },
];

/** @param {readonly import('./ours.mjs').Ours[]} builds */
export const fastifyStacks = (builds) => [
  { name: 'bare', file: 'http/fastify-bare.cjs' },
  ...oursWith(builds, 'http/fastify-ours.cjs'),
  { name: FASTIFY_PEER, file: 'http/fastify-peer.cjs' },
];
