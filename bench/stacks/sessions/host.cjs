// Sessions with a directory each, whose disk usage the page shows.
const { mkdirSync, mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { createAgentTelemetry, session } = require(process.env.BENCH_OURS);
const { answers } = require('../lib/answers.cjs');

const agent = createAgentTelemetry({ dialect: 'wasmrun' });
agent.start();
agent.openAdminListener();

const base = mkdtempSync(join(tmpdir(), 'bench-sessions-'));
let live = 0;

answers({
  grow(count) {
    for (; live < count; live++) {
      const directory = join(base, String(live));
      mkdirSync(directory);
      for (const file of ['a', 'b']) writeFileSync(join(directory, file), 'x'.repeat(5000));
      session.created({ id: `session-${live}`, directory });
    }
  },
  remove: () => rmSync(base, { recursive: true, force: true }),
});
