// pino with the same fields, its time as a standard date too.
const pino = require('pino');
const { createDestination } = require('../lib/pino-line.cjs');
const { writesLines } = require('../lib/line-writer.cjs');

const log = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, createDestination());
const records = Array.from({ length: 100 }, (_, i) => ({
  id: `00f067aa0ba9${String(1000 + i)}`,
  method: 'POST',
  path: '/v1/messages',
  status: 200,
  dur_ms: i,
  tenant: `tenant-${i}`,
}));
writesLines((i) => log.info(records[i % records.length]));
