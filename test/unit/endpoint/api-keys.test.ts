import assert from 'node:assert/strict';
import crypto, { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { apiKeyLine, NO_KEYS, readApiKeys, type ApiKeys } from '../../../src/endpoint/api-keys.js';

function keyFile(t: TestContext, content: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'agent-otel-keys-'));
  t.after(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  const file = join(directory, 'keys.txt');
  writeFileSync(file, content);
  return file;
}

const sha256 = (key: string): string => createHash('sha256').update(key).digest('hex');

function keys(t: TestContext, content = `acme:${sha256('k1')}\nother:${sha256('k2')}\n`): ApiKeys {
  return readApiKeys(keyFile(t, content));
}

test('a key opens, and says whose it is', (t) => {
  const accepted = keys(t);
  assert.equal(accepted.tenantOf('Bearer k1'), 'acme');
  assert.equal(accepted.tenantOf('Bearer k2'), 'other');
});

const REFUSED: readonly (string | undefined)[] = [
  undefined,
  '',
  'Bearer',
  'Bearer ',
  'Bearer k3',
  'Bearer K1',
  'Bearer k1 k1',
  'Bearer k1x',
  'Basic k1',
  'k1',
  `Bearer ${sha256('k1')}`,
];

for (const authorization of REFUSED) {
  test(`the header ${JSON.stringify(authorization)} opens nothing`, (t) => {
    assert.equal(keys(t).tenantOf(authorization), undefined);
  });
}

test('the scheme is told without regard to case, and white space around the key is not its', (t) => {
  const accepted = keys(t);
  assert.equal(accepted.tenantOf('bearer k1'), 'acme');
  assert.equal(accepted.tenantOf('BEARER   k1  '), 'acme');
});

test('every hash is compared in full, whichever of them matches', (t) => {
  const accepted = keys(t);
  const { mock } = t.mock.method(crypto, 'timingSafeEqual');
  t.after(syncBuiltinESMExports);
  syncBuiltinESMExports();
  for (const [i, authorization] of ['Bearer k1', 'Bearer k2', 'Bearer none'].entries()) {
    accepted.tenantOf(authorization);
    assert.equal(mock.callCount(), 2 * (i + 1));
  }
});

const FILES: readonly [string, string][] = [
  ['lines that end in CR LF', `acme:${sha256('k1')}\r\n`],
  ['no line feed at the end', `acme:${sha256('k1')}`],
  ['comments and blank lines', `# keys\n\n  \nacme:${sha256('k1')}\n# end\n`],
  ['hashes in upper case', `acme:${sha256('k1').toUpperCase()}\n`],
  ['a byte order mark', `\ufeffacme:${sha256('k1')}\n`],
  ['two keys of one tenant', `acme:${sha256('k0')}\nacme:${sha256('k1')}\n`],
];

for (const [what, content] of FILES) {
  test(`a key file may have ${what}`, (t) => {
    assert.equal(keys(t, content).tenantOf('Bearer k1'), 'acme');
  });
}

const SECRET = 'plain-text-key';
const MALFORMED: readonly [string, string, RegExp][] = [
  ['a key in plain text', `acme:${sha256('k1')}\nacme:${SECRET}\n`, /:2: /],
  ['a line without a colon', `${SECRET}\n`, /:1: /],
  ['a hash that is too short', `# one\n\nacme:${sha256(SECRET).slice(1)}\n`, /:3: /],
  ['a hash that is no hex', `acme:${'g'.repeat(64)}\n`, /:1: /],
  ['no tenant', `:${sha256('k1')}\n`, /:1: /],
  ['a tenant with a colon', `a:b:${sha256('k1')}\n`, /:1: /],
  ['nothing', '', /no key/],
  ['nothing but comments', '# none\n', /no key/],
];

for (const [what, content, expected] of MALFORMED) {
  test(`a key file with ${what} is refused as a whole, naming the line and not its content`, (t) => {
    const file = keyFile(t, content);
    assert.throws(
      () => readApiKeys(file),
      (error: Error) => {
        assert.ok(error.message.startsWith(file));
        assert.match(error.message, expected);
        assert.doesNotMatch(error.message, new RegExp(`${SECRET}|${sha256(SECRET).slice(1, 20)}`));
        return true;
      },
    );
  });
}

test('a key file that cannot be read is an error', (t) => {
  assert.throws(() => readApiKeys(`${keyFile(t, '')}.missing`), /ENOENT/);
});

test('without a usable file no key opens anything', () => {
  assert.equal(NO_KEYS.tenantOf('Bearer k1'), undefined);
});

test('the line of a key is what a key file takes, and holds the hash alone', (t) => {
  const line = apiKeyLine('acme', 'k1');
  assert.equal(line, `acme:${sha256('k1')}`);
  assert.equal(keys(t, line).tenantOf('Bearer k1'), 'acme');
});
