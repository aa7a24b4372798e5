import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { test } from 'node:test';
import type { Attributes } from '@opentelemetry/api';
import {
  describeRequest,
  pathOf,
  wireBytes,
} from '../../../../src/instrumentation/http/description.js';

const PATHS: readonly [string, string][] = [
  ['/', '/'],
  ['/x', '/x'],
  ['/x?y=1', '/x'],
  ['/x?', '/x'],
  ['/x?a?b', '/x'],
  ['/x#y', '/x'],
  ['/x?y#z', '/x'],
  ['/a%20b', '/a%20b'],
  ['/?http://y/', '/'],
  ['//host/x', '//host/x'],
  ['*', '*'],
  ['host:443', 'host:443'],
  ['http://host', '/'],
  ['http://host/', '/'],
  ['http://host/x?y', '/x'],
  ['http://host?y=1', '/'],
  ['HTTPS://user:secret@host:8443/x', '/x'],
  ['/x\ny?z', '/x\ny'],
  ['/\u00c3\u00bc', '/%C3%BC'],
  ['/\u0080\u00ff', '/%80%FF'],
  ['', ''],
];

for (const [target, expected] of PATHS) {
  test(`the path of the target ${JSON.stringify(target)} is ${JSON.stringify(expected)}`, () => {
    assert.equal(pathOf(target), expected);
  });
}

test('bytes beyond ASCII are shown as they came, and ASCII is left alone', () => {
  const ascii = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)).join('');
  assert.equal(wireBytes(ascii), ascii);
  assert.equal(wireBytes('\u00c3\u00bc'), '%C3%BC');
  assert.equal(Buffer.from('ü', 'utf8').toString('latin1'), '\u00c3\u00bc');
});

function incoming(changes: object = {}, socket: object = {}): IncomingMessage {
  return {
    method: 'GET',
    url: '/x?key=secret',
    httpVersion: '1.1',
    headers: { host: 'a', traceparent: 'b' },
    rawHeaders: ['Host', 'a', 'TraceParent', 'b'],
    socket: { remoteAddress: '192.0.2.1', localAddress: '192.0.2.2', localPort: 8080, ...socket },
    ...changes,
  } as unknown as IncomingMessage;
}

const EXPORTED = { mayExport: true };

function detailsOf(details: (attributes: Attributes) => void): Attributes {
  const attributes: Attributes = {};
  details(attributes);
  return attributes;
}

test('a request is described by the stable HTTP conventions, without its query', () => {
  const { method, scheme, attributes, details } = describeRequest(incoming(), EXPORTED);
  assert.deepEqual([method, scheme], ['GET', 'http']);
  assert.deepEqual(attributes, { 'http.request.method': 'GET', 'url.path': '/x' });
  assert.deepEqual(detailsOf(details), {
    'url.scheme': 'http',
    'network.protocol.version': '1.1',
    'network.peer.address': '192.0.2.1',
    'server.address': '192.0.2.2',
    'server.port': 8080,
  });
});

test('headers are found by their name in lower case without the object that Node makes of them', () => {
  const request = incoming();
  let asked = 0;
  Object.defineProperty(request, 'headers', { get: () => ({ asked: ++asked }) });
  const { headers } = describeRequest(request, EXPORTED);
  assert.deepEqual(
    ['traceparent', 'host', 'tracestate', 'a'].map((name) => headers.has(name)),
    [true, true, false, false],
  );
  assert.equal(asked, 0);
  assert.deepEqual(headers.all(), { asked: 1 });
});

test('a request over TLS is https', () => {
  const { scheme, details } = describeRequest(incoming({}, { encrypted: true }), EXPORTED);
  assert.equal(scheme, 'https');
  assert.equal(detailsOf(details)['url.scheme'], 'https');
});

test('a method that the conventions do not know is _OTHER, and is kept as it came', () => {
  for (const method of ['M-SEARCH', 'PROPFIND', 'get']) {
    const described = describeRequest(incoming({ method }), EXPORTED);
    assert.equal(described.method, '_OTHER');
    assert.equal(described.attributes['http.request.method'], '_OTHER');
    assert.equal(described.attributes['http.request.method_original'], method);
  }
});

test('what a socket does not know any more is left out', () => {
  const gone = { remoteAddress: undefined, localAddress: undefined, localPort: undefined };
  const { details } = describeRequest(incoming({}, gone), EXPORTED);
  assert.deepEqual(
    Object.keys(detailsOf(details)).filter((key) => /address|port/.test(key)),
    [],
  );
});

test('a connection is asked for its addresses once, however many requests come over it', () => {
  let asked = 0;
  const { socket } = incoming();
  Object.defineProperty(socket, 'remoteAddress', { get: () => `192.0.2.${++asked}` });
  for (const url of ['/a', '/b']) {
    const { details } = describeRequest(incoming({ url, socket }), EXPORTED);
    assert.equal(detailsOf(details)['network.peer.address'], '192.0.2.1');
  }
});

test('a connection is asked at its first request, whatever becomes of that span, or never', () => {
  for (const mayExport of [true, false]) {
    let asked = 0;
    const { socket } = incoming();
    Object.defineProperty(socket, 'remoteAddress', { get: () => `192.0.2.${++asked}` });
    describeRequest(incoming({ socket }), { mayExport });
    describeRequest(incoming({ socket }), { mayExport });
    assert.equal(asked, mayExport ? 1 : 0);
  }
});
