// Calls a provider over the global fetch and reads the answer to its end. BENCH_CONTEXT says
// whose async context the calls are made in, as those of a request that is being handled are:
// `otel` the API's, `alone` one that nobody else looks at.
const { AsyncLocalStorage } = require('node:async_hooks');
const { answers } = require('../lib/answers.cjs');

const requests = new AsyncLocalStorage();

/** @type {(fn: () => Promise<void>) => Promise<void>} */
const inContext = {
  alone: (fn) => requests.run('a request', fn),
  otel(fn) {
    const { context, createContextKey } = require('@opentelemetry/api');
    const handled = context.active().setValue(createContextKey('a request'), true);
    return context.with(handled, fn);
  },
  none: (fn) => fn(),
}[process.env.BENCH_CONTEXT ?? 'none'];

const TOGETHER = 8;
const BODY = JSON.stringify({
  model: 'gpt-4o-mini',
  stream: true,
  stream_options: { include_usage: true },
  messages: [{ role: 'user', content: 'several words '.repeat(20) }],
});

async function call({ url, answer }) {
  const response = await fetch(url, {
    method: 'POST',
    // What OpenAI's own client sends.
    headers: {
      'Content-Type': 'application/json',
      Authorization: 'Bearer none',
      'X-Stainless-Lang': 'js',
      'X-Stainless-Retry-Count': '0',
      'x-answer': answer,
    },
    body: BODY,
  });
  const decoder = new TextDecoder();
  let text = '';
  for await (const bytes of response.body) text += decoder.decode(bytes, { stream: true });
  if (!text.endsWith('data: [DONE]\n\n')) throw new Error(`half an answer: ${text}`);
}

async function calls({ count, ...options }) {
  let left = count;
  const caller = async () => {
    while (left-- > 0) await call(options);
  };
  await Promise.all(Array.from({ length: TOGETHER }, caller));
}

answers({
  async measure(options) {
    const { user, system } = process.cpuUsage();
    const before = performance.now();
    await inContext(() => calls(options));
    const used = process.cpuUsage();
    return {
      processor: (used.user + used.system - user - system) / options.count,
      time: ((performance.now() - before) * 1000) / options.count,
    };
  },
  async scrape() {
    const port = process.env.OTEL_EXPORTER_PROMETHEUS_PORT;
    return (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  },
});
