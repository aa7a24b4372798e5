import assert from 'node:assert/strict';
import childProcess from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import test, { type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { createTraceState, type Span, type SpanContext } from '@opentelemetry/api';
import {
  traceVariables,
  withTracePairs,
  withTraceVariables,
} from '../../../../src/instrumentation/process/trace-context.js';
import { followProcesses, type ProcessTest } from '../../../support/processes.js';

const PRINT = 'echo "$TRACEPARENT|$TRACESTATE|$KEPT"';
const HOSTS = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

async function spawned(options: object): Promise<string> {
  const child = childProcess.spawn('sh', ['-c', PRINT], { ...options, stdio: 'pipe' });
  const [said] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  return said;
}

const FORMS: readonly [string, (options: object) => unknown][] = [
  ['spawn', spawned],
  ['exec', async (options) => (await promisify(childProcess.exec)(PRINT, options)).stdout],
  [
    'execFile',
    async (options) =>
      (await promisify(childProcess.execFile)('sh', ['-c', PRINT], options)).stdout,
  ],
  ['spawnSync', (options) => childProcess.spawnSync('sh', ['-c', PRINT], options).stdout],
  ['execSync', (options) => childProcess.execSync(PRINT, options)],
  ['execFileSync', (options) => childProcess.execFileSync('sh', ['-c', PRINT], options)],
];

const ENVIRONMENTS: readonly [string, () => object][] = [
  ['no options of its own', () => ({})],
  ['an environment of undefined', () => ({ env: undefined })],
  [
    'a frozen environment',
    () => Object.freeze({ env: Object.freeze({ PATH: process.env['PATH'] }) }),
  ],
  ['a copy of its own environment', () => ({ env: { ...process.env } })],
];

const said = async (agent: ProcessTest, run: () => unknown): Promise<string[]> =>
  String(await agent.inRequest(run))
    .trim()
    .split('|');

/** Sets a variable of this process for one test. */
function setVariable(t: TestContext, name: string, value: string): void {
  const before = process.env[name];
  process.env[name] = value;
  t.after(() => {
    if (before === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = before;
  });
}

for (const [form, run] of FORMS) {
  for (const [what, optionsOf] of ENVIRONMENTS) {
    test(`${form} with ${what} has the context of its execution`, async (t) => {
      const agent = followProcesses(t);
      const options = optionsOf();
      const before = JSON.stringify(options);
      const [traceparent, tracestate] = await said(agent, () => run(options));
      const { traceId, spanId } = agent.span('exec').spanContext();
      assert.deepEqual([traceparent, tracestate], [`00-${traceId}-${spanId}-01`, '']);
      assert.equal(JSON.stringify(options), before);
      assert.equal(process.env['TRACEPARENT'], undefined);
    });
  }

  test(`${form} leaves a context that the host passes itself`, async (t) => {
    const agent = followProcesses(t);
    const env = { PATH: process.env['PATH'], TRACEPARENT: HOSTS, TRACESTATE: 'a=b', KEPT: '1' };
    assert.deepEqual(await said(agent, () => run({ env })), [HOSTS, 'a=b', '1']);
  });

  test(`${form} gets no context that the process itself was started with`, async (t) => {
    setVariable(t, 'TRACEPARENT', HOSTS);
    setVariable(t, 'TRACESTATE', 'a=b');
    const agent = followProcesses(t);
    const [traceparent, tracestate] = await said(agent, () => run({}));
    assert.match(traceparent ?? '', new RegExp(`-${agent.span('exec').spanContext().spanId}-01$`));
    assert.equal(tracestate, '');
  });

  test(`${form} gets nothing where that is switched off, untrusted or not counted`, async (t) => {
    const nothing = ['', '', ''];
    const off = followProcesses(t, { traceContext: false });
    assert.deepEqual(await said(off, () => run({})), nothing);
    const untrusted = followProcesses(t, { rules: [{ as: 'exec', untrusted: true }] });
    assert.deepEqual(await said(untrusted, () => run({})), nothing);
    const ignored = followProcesses(t, { rules: [{ as: 'ignore' }] });
    assert.deepEqual(await said(ignored, () => run({})), nothing);
    assert.equal(String(await run({})).trim(), '||');
  });
}

test('a sandbox has the context of its start', async (t) => {
  const agent = followProcesses(t, { rules: [{ as: 'sandbox' }] });
  const [traceparent] = await said(agent, () => spawned({}));
  const { spanId } = agent.span('sandbox.start').spanContext();
  assert.match(traceparent ?? '', new RegExp(`-${spanId}-01$`));
});

test('a sandbox that a rule calls untrusted has none', async (t) => {
  const agent = followProcesses(t, { rules: [{ as: 'sandbox', untrusted: true }] });
  assert.deepEqual(await said(agent, () => spawned({})), ['', '', '']);
  assert.equal(agent.spans()[0]?.name, 'sandbox.start');
});

const spanOf = (context: Partial<SpanContext>): Span =>
  ({
    spanContext: () => ({
      traceId: 'a'.repeat(32),
      spanId: 'b'.repeat(16),
      traceFlags: 0,
      ...context,
    }),
  }) as unknown as Span;

test('the variables are those of W3C, the flags those of the span', () => {
  assert.deepEqual(traceVariables(spanOf({ traceState: createTraceState('a=b,c=d') })), {
    TRACEPARENT: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-00`,
    TRACESTATE: 'a=b,c=d',
  });
  assert.deepEqual(traceVariables(spanOf({ traceId: '0'.repeat(32) })), {});
});

test('an environment that is inherited by prototype is passed on whole', () => {
  const environment = Object.create({ INHERITED: '1' }) as Record<string, unknown>;
  assert.deepEqual(withTraceVariables(environment, { TRACEPARENT: 'x' }), {
    INHERITED: '1',
    TRACEPARENT: 'x',
  });
});

test('pairs are copied, not changed', () => {
  const pairs = Object.freeze(['A=1', 'EMPTY=', 'ODD']);
  assert.deepEqual(withTracePairs(pairs, { TRACEPARENT: 'x' }), [...pairs, 'TRACEPARENT=x']);
});
