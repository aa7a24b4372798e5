import { strict as assert } from 'node:assert';
import { fileURLToPath } from 'node:url';
import { sumOf } from '../lib/get.mjs';
import { inProcesses, oursOf } from '../lib/in-process-row.mjs';
import { median } from '../lib/numbers.mjs';
import { isOurs } from '../lib/ours.mjs';
import { withSubjects } from '../lib/subject.mjs';

const UNDICI = 'instrumentation-undici';
const CONTEXT = 'an async context alone';
const PRELOAD = fileURLToPath(new URL('../stacks/preload/otel-undici.cjs', import.meta.url));
const FILE = 'provider/client.cjs';
/** Kinds of answers, and what a call with one may cost beside the peer's. */
const ANSWERS = { plain: 1.5, gzip: 1.5, unread: 1 };
/** What the provider says that each answer has used. */
const TOKENS = 18;

/** Fails unless each call was counted, and the tokens of those that are read. */
async function verify(subject, { calls, answer }, before) {
  if (subject.name === 'bare' || subject.name === CONTEXT) return undefined;
  const text = await subject.ask('scrape');
  const counted = sumOf(text, isOurs(subject.name) ? OURS : PEER) ?? 0;
  const tokens = sumOf(text, /^gen_ai_client_token_usage_sum$/) ?? 0;
  if (before !== undefined) {
    assert.ok(counted - before.counted >= calls, `${subject.name}: ${counted} calls`);
    const wanted = isOurs(subject.name) && answer !== 'unread' ? calls * TOKENS : 0;
    assert.equal(tokens - before.tokens, wanted, `${subject.name}: tokens of ${answer}`);
  }
  return { counted, tokens };
}
const OURS = /^gen_ai_client_operation_duration(?:_seconds)?_count$/;
const PEER = /^http_client_request_duration(?:_seconds)?_count$/;

export default {
  name: 'provider-call',
  title: 'One provider call over fetch, 20 chunks',
  work: "a streamed chat completion from a local server on the other core, eight calls at a time, the answer read to its end: plain, gzip, and with a content type that nobody has to read (`unread`: the call is recognised and counted, its tokens are not). Ours counts the call, its tokens and its time to the first chunk, and ends a CLIENT span; instrumentation-undici ends one and records `http.client.request.duration`. All but the bare client make their calls in an async context, as a server that is traced does while it handles a request: what that costs alone stands beside. Processor time of the client's process; nothing is exported.",
  async run({ short, ours }) {
    const count = short ? 100 : 1500;
    const samples = await withSubjects(
      [{ name: 'provider', file: 'provider/server.cjs', elsewhere: true }],
      ([{ ready }]) =>
        inProcesses({
          stacks: [
            { name: 'bare', file: FILE },
            ...oursOf(ours, { file: FILE, env: { BENCH_CONTEXT: 'otel' } }),
            {
              name: UNDICI,
              file: FILE,
              flags: ['--require', PRELOAD],
              env: { OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1', BENCH_CONTEXT: 'otel' },
            },
            { name: CONTEXT, file: FILE, env: { BENCH_CONTEXT: 'alone' } },
          ],
          rounds: short ? 1 : 7,
          async once(subject) {
            /** @type {Record<string, number[]>} */
            const times = {};
            const ask = (answer) => subject.ask('measure', { url: ready.url, answer, count });
            // Twice before anything counts, the second time with the looks: code that meets another
            // kind of call for the first time is compiled anew, which takes processor time as well.
            for (const answer of Object.keys(ANSWERS)) await ask(answer);
            for (const counts of short ? [true] : [false, true, true, true]) {
              for (const answer of Object.keys(ANSWERS)) {
                const before = await verify(subject, { calls: count, answer }, undefined);
                const { processor } = await ask(answer);
                await verify(subject, { calls: count, answer }, before);
                if (counts) (times[answer] ??= []).push(processor);
              }
            }
            return Object.fromEntries(
              Object.entries(times).map(([answer, ofAnswer]) => [answer, median(ofAnswer)]),
            );
          },
        }),
    );
    return {
      measures: Object.entries(ANSWERS).map(([name, atMost]) => ({
        name,
        unit: 'µs',
        over: 'bare',
        samples: samples.of(name),
        targets: [{ peer: UNDICI, atMost }],
      })),
    };
  },
};
