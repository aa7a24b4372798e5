import { strict as assert } from 'node:assert';
import { inProcesses, oursOf } from '../lib/in-process-row.mjs';
import { until } from '../lib/until.mjs';

const FILE = 'sse/host.cjs';
const ON = ', timing on';

/** Lines are written when the streams that were announced have ended. */
async function verify({ name, lines }, pairs) {
  const wanted = name === 'bare' ? 0 : pairs;
  await until(
    () => lines.lines >= wanted,
    () => `${name}: ${lines.lines} lines of ${wanted} streams`,
  );
  const timing = lines.text.split('\n').filter((line) => line.startsWith('{"type":"timing"'));
  if (!name.endsWith(ON)) assert.equal(timing.length, 0, name);
  else assert.equal(JSON.parse(timing[0] ?? '{}').eventCount, 1000, name);
}

export default {
  name: 'sse-write',
  title: 'One `res.write` of 200 bytes in a stream of server-sent events',
  work: 'ten writes a turn of the event loop, turns included, a thousand a stream, into a socket that takes everything. Streams that the server announced (followed) and streams that it did not (left alone) take turns in one process; what a write costs is the median of the differences of neighbours, for each round in a fresh process. Without the preload the two are the same, and their difference (bare) says how exact this is.',
  async run({ short, ours }) {
    const pairs = short ? 40 : 200;
    const samples = await inProcesses({
      stacks: [
        { name: 'bare', file: FILE },
        ...oursOf(ours, { file: FILE }),
        ...oursOf(ours, { file: FILE, setting: ON, env: { ASH_DEBUG_TIMING: '1' } }),
      ],
      rounds: short ? 1 : 11,
      async once(subject) {
        const { write, difference } = await subject.ask('measure', pairs);
        await verify(subject, pairs);
        return { added: difference, 'left alone': write };
      },
    });
    const targets = ours.flatMap(({ name }) => [
      { ours: name, below: 150 },
      { ours: name + ON, below: 1000 },
    ]);
    return {
      measures: [
        { name: 'added', unit: 'ns', alone: true, samples: samples.of('added'), targets },
        { name: 'left alone', unit: 'ns', alone: true, samples: samples.of('left alone') },
      ],
    };
  },
};
