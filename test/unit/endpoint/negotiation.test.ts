import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acceptsGzip, prefersOpenMetrics } from '../../../src/endpoint/negotiation.js';

const OM = 'application/openmetrics-text';

/** What Prometheus 2 and 3 send, with and without protobuf. */
const PROMETHEUS = `${OM};version=1.0.0;q=0.5,${OM};version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2`;
const PROMETHEUS_3 =
  `${OM};version=1.0.0;escaping=allow-utf-8;q=0.6,${OM};version=0.0.1;q=0.5,` +
  'text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2';

const OPEN_METRICS: readonly string[] = [
  PROMETHEUS,
  PROMETHEUS_3,
  OM,
  `${OM};version=1.0.0`,
  `${OM}; version=1.0.0; charset=utf-8`,
  'Application/OpenMetrics-Text;Version=1.0.0',
  `text/plain;q=0.5, ${OM}`,
  `text/plain;q=0, ${OM};q=0.001`,
];

for (const accept of OPEN_METRICS) {
  test(`OpenMetrics is what ${accept} asks for`, () => {
    assert.equal(prefersOpenMetrics(accept), true);
  });
}

const TEXT: readonly (string | undefined)[] = [
  undefined,
  '',
  '*/*',
  'text/plain',
  'text/html,application/xhtml+xml,*/*;q=0.8',
  `text/plain, ${OM}`,
  `text/plain;q=0.5,${OM};q=0.4`,
  `${OM};version=0.0.1`,
  `${OM};version=2.0.0`,
  `${OM};q=0`,
  `${OM};q=2`,
  `${OM};q=abc`,
  'application/json',
  ';;;,,,',
];

for (const accept of TEXT) {
  test(`the text format 0.0.4 is the answer to ${JSON.stringify(accept)}`, () => {
    assert.equal(prefersOpenMetrics(accept), false);
  });
}

const CODINGS: readonly [string | undefined, boolean][] = [
  [undefined, false],
  ['', false],
  ['gzip', true],
  ['gzip, deflate', true],
  ['deflate, GZIP;q=0.5', true],
  ['gzip;q=0', false],
  ['identity', false],
  ['*', false],
];

for (const [header, expected] of CODINGS) {
  test(`Accept-Encoding ${JSON.stringify(header)} ${expected ? 'takes' : 'does not take'} gzip`, () => {
    assert.equal(acceptsGzip(header), expected);
  });
}
