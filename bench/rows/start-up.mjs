import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { AUTO, OTEL_HTTP_PEER, PROM_PINO } from '../lib/http-stacks.mjs';
import { freePort, onSubjectCore } from '../lib/machine.mjs';
import { interleave, Samples } from '../lib/measure.mjs';

const stack = (file) => fileURLToPath(new URL(`../stacks/${file}`, import.meta.url));
const RESIDENT = stack('start-up/resident.cjs');
const MIB = 2 ** 20;
const NO_EXPORTER = {
  OTEL_TRACES_EXPORTER: 'none',
  OTEL_METRICS_EXPORTER: 'none',
  OTEL_LOGS_EXPORTER: 'none',
  OTEL_NODE_RESOURCE_DETECTORS: 'env,host,os,process',
};

const stacksOf = (ours) => [
  { name: 'bare' },
  ...ours.map(({ name, preload }) => ({ name, preload })),
  { name: PROM_PINO, preload: stack('start-up/prom-pino.cjs') },
  { name: OTEL_HTTP_PEER, preload: stack('preload/otel-http.cjs') },
  {
    name: AUTO,
    preload: createRequire(import.meta.url).resolve(
      '@opentelemetry/auto-instrumentations-node/register',
    ),
    env: NO_EXPORTER,
  },
];

/** Runs Node to its end. @returns {{ ms: number, said: string }} */
function run({ name, preload, env = {} }, port, program) {
  const flags = preload === undefined ? [] : ['--require', preload];
  const [command, args] = onSubjectCore([process.execPath, ...flags, ...program]);
  const before = performance.now();
  const { status, stderr, output } = spawnSync(command, args, {
    env: { PATH: process.env.PATH, OTEL_EXPORTER_PROMETHEUS_PORT: String(port), ...env },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  const ms = performance.now() - before;
  if (status !== 0) throw new Error(`${name} ended with ${status}: ${String(stderr)}`);
  return { ms, said: String(output[3]) };
}

export default {
  name: 'start-up',
  title: 'Start-up over bare `node -e 0`',
  work: 'a process from its start to its end, and what is resident when everything is loaded. Nothing is exported and nothing listens but the stock Prometheus exporter; auto-instrumentations-node without exporters, and without the resource detectors that ask the network.',
  async run({ short, ours }) {
    const samples = new Samples();
    await interleave(stacksOf(ours), short ? 2 : 25, async (entry) => {
      const { ms } = run(entry, await freePort(), ['-e', '0']);
      const { said } = run(entry, await freePort(), [RESIDENT]);
      samples.add(entry.name, { time: ms, resident: Number(said) / MIB });
    });
    const targets = [{ peer: OTEL_HTTP_PEER, atMost: 0.6 }];
    const over = 'bare';
    return {
      measures: [
        { name: 'time', unit: 'ms', over, samples: samples.of('time'), targets },
        { name: 'resident', unit: 'MiB', over, samples: samples.of('resident'), targets },
      ],
    };
  },
};
