import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createAttachments,
  TARGETS,
  type Attachments,
} from '../../../src/instrumentation/attachments.js';
import { ROOT } from '../../support/paths.js';

function started(): { said: string[]; attachments: Attachments } {
  const said: string[] = [];
  return { said, attachments: createAttachments((line) => said.push(line)) };
}

test('nothing is said before it is asked for, and then in one line each', () => {
  const { said, attachments } = started();
  attachments.found({ target: 'child processes', attached: true });
  attachments.found({ target: 'HTTP/1.1 servers', attached: true, note: 'wrapped' });
  attachments.found({ target: 'Fastify', attached: false, note: 'publishes no channel' });
  assert.deepEqual(said, []);
  attachments.announce();
  const others = TARGETS.filter(
    (target) => !['child processes', 'HTTP/1.1 servers', 'Fastify'].includes(target),
  );
  assert.deepEqual(said, [
    'attached to: HTTP/1.1 servers (wrapped), child processes',
    'not attached to: Fastify (publishes no channel)',
    `not loaded so far: ${others.join(', ')}`,
  ]);
});

test('what is found later is said once, when it is found', () => {
  const { said, attachments } = started();
  attachments.found({ target: 'opossum', attached: true });
  attachments.announce();
  said.length = 0;
  attachments.found({ target: 'opossum', attached: true });
  attachments.found({ target: 'cockatiel', attached: true });
  attachments.found({ target: 'cockatiel', attached: true });
  attachments.found({ target: 'Koa', attached: false, note: 'why' });
  assert.deepEqual(said, [
    'attached to (found later): cockatiel',
    'not attached to (found later): Koa (why)',
  ]);
});

test('a package is named with its version, and two copies with both', () => {
  const { said, attachments } = started();
  for (const copy of ['fastify/fastify.js', 'express-4/lib/application.js']) {
    attachments.found({
      target: 'Fastify',
      attached: true,
      file: `${ROOT}node_modules/${copy}`,
    });
  }
  attachments.found({ target: 'Koa', attached: true, file: '/nowhere/node_modules/koa/x.js' });
  attachments.announce();
  assert.match(said[0] ?? '', /^attached to: Fastify 5\.\d+\.\d+, Fastify 4\.\d+\.\d+, Koa$/);
});
