// The process that a tenant's code runs in. `node:vm` keeps honest code apart and ends it in
// time; it is no wall against hostile code, for which a container would stand here.
import vm from 'node:vm';
import type { Order, Reply } from './protocol.js';

const MAX_OUTPUT = 4_096;
/** Long enough to be found by any probe, and no longer: its server may be gone by then. */
const HANG_MS = 30_000;

// The value becomes text inside the context: its `toString` is code of the tenant's too.
const EVALUATE = `(() => {
  const show = (value) =>
    typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
  try { return 'success:' + show((0, eval)(source)); } catch (error) { return 'error:' + String(error); }
})()`;

process.on('disconnect', () => process.exit());
process.on('message', (order: Order) => {
  switch (order.kind) {
    case 'ping':
      reply({ result: 'success', output: '', truncated: false });
      break;
    case 'evaluate':
      reply(evaluate(order));
      break;
    case 'hang':
      process.send?.({ result: 'success', output: 'hanging', truncated: false }, hang);
      break;
  }
});
reply({ result: 'success', output: '', truncated: false });

function reply(message: Reply): void {
  process.send?.(message);
}

function evaluate({ source, timeoutMs }: { source: string; timeoutMs: number }): Reply {
  const context = Object.assign(Object.create(null) as object, { source });
  try {
    const said: unknown = vm.runInNewContext(EVALUATE, context, {
      timeout: timeoutMs,
      // Promise callbacks run within the time limit as well, not after it.
      microtaskMode: 'afterEvaluate',
    });
    const [, result, text] =
      /^(success|error):(.*)$/s.exec(typeof said === 'string' ? said : '') ?? [];
    if (text === undefined) return { result: 'error', output: '', truncated: false };
    return {
      result: result === 'success' ? 'success' : 'error',
      output: text.slice(0, MAX_OUTPUT),
      truncated: text.length > MAX_OUTPUT,
    };
  } catch (error) {
    const timedOut = (error as { code?: unknown } | null)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
    return { result: timedOut ? 'timeout' : 'error', output: '', truncated: false };
  }
}

/** Stops answering without ending: only a probe can tell. */
function hang(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, HANG_MS);
}
