import { strict as assert } from 'node:assert';
import { inProcesses, oursOf } from '../lib/in-process-row.mjs';

const PINO = 'pino';
const PINO_SYNC = 'pino, sync';
const PINO_ASYNC = 'pino, async';
const FILE = 'lines/pino.cjs';

export default {
  name: 'access-lines',
  title: 'Access lines a second into a pipe',
  work: 'lines of a request (time, id, method, path, status, duration, tenant), twenty in each turn of the event loop, into a pipe that a process on the other core reads; from the first line to the end of the pipe, the process calling `process.exit` right after the last line. Ours: span processor, format and sink; pino with its standard destination, with `sync: true` and with `sync: false, minLength: 4096`. Lines are counted where they arrive.',
  async run({ short, ours }) {
    const count = short ? 20_000 : 400_000;
    const samples = await inProcesses({
      stacks: [
        ...oursOf(ours, { file: 'lines/ours.cjs', preload: false }),
        { name: PINO, file: FILE },
        { name: PINO_SYNC, file: FILE, env: { BENCH_LOG: 'sync' } },
        { name: PINO_ASYNC, file: FILE, env: { BENCH_LOG: 'async' } },
      ],
      rounds: short ? 1 : 9,
      async once(subject) {
        const { lines } = subject;
        const before = performance.now();
        await subject.ask('write', count);
        assert.equal(await subject.ended(), 0, `${subject.name}: ${lines.text.slice(-500)}`);
        await lines.ended();
        const seconds = (performance.now() - before) / 1000;
        assert.match(lines.text, /\btenant\W+tenant-\d+/, subject.name);
        return { 'lines a second': lines.lines / seconds, lost: count - lines.lines };
      },
    });
    return {
      measures: [
        {
          name: 'lines a second',
          unit: '1/s',
          samples: samples.of('lines a second'),
          targets: [{ peer: PINO_ASYNC, atLeast: 1 }],
        },
        {
          name: 'lost',
          unit: 'lines',
          alone: true,
          samples: samples.of('lost'),
          targets: [{ below: 1 }],
        },
      ],
    };
  },
};
