import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_RULES, type Rules } from '../../../src/config/rules.js';
import { explainRules } from '../../../src/config/rules-explain.js';

const SENTENCES: readonly (readonly [Partial<Rules>, string])[] = [
  [
    {
      routes: [
        {
          match: { method: 'POST', path: '/v1/messages' },
          route: 'messages',
          tenant: { header: 'x-tenant', pattern: '^t(.*)' },
          session: { on: 'create', id: { response: ['$.a', '$.b'] }, idleTimeoutMs: 5 },
          exec: true,
        },
      ],
    },
    'POST /v1/messages is an agent request of route messages; belongs to the tenant in the ' +
      'request header x-tenant, the part in /^t(.*)/; creates the session whose id is $.a or ' +
      '$.b of the JSON response, expiring after 5 ms without activity; and counts as a rejected ' +
      'execution when it is answered 401, 413 or 429.',
  ],
  [
    {
      routes: [
        {
          match: { method: 'POST', path: '/mcp', headers: { 'mcp-session-id': false, a: true } },
          session: { on: 'create', id: { responseHeader: 'mcp-session-id' } },
        },
      ],
    },
    'POST /mcp without the header mcp-session-id and with the header a creates the session whose ' +
      'id is the response header mcp-session-id.',
  ],
  [
    {
      routes: [{ match: { path: '/mcp', headers: { 'mcp-method': 'tools/*' } }, exec: true }],
    },
    'Any request to /mcp with the header mcp-method: tools/* counts as a rejected execution when ' +
      'it is answered 401, 413 or 429.',
  ],
  [
    {
      routes: [
        {
          match: { path: '/s/:id' },
          session: {
            on: 'resume',
            id: { path: 'id' },
            resume: 'cold',
            sandbox: { response: ['$.s'] },
            agentName: { response: ['$.n'] },
          },
        },
      ],
    },
    'Any request to /s/:id resumes the session whose id is :id of the path, always cold, its ' +
      'sandbox $.s of the JSON response, its agent $.n of the JSON response.',
  ],
  [
    {
      routes: [
        {
          match: { path: '/chat' },
          tenant: { query: 'team' },
          session: { on: 'message', id: { request: ['$.session'] } },
        },
      ],
    },
    'Any request to /chat belongs to the tenant in the parameter team of the ' +
      'query; and is a message, with a ' +
      'timing line, to the session whose id is $.session of the JSON request.',
  ],
  [
    {
      routes: [
        {
          match: { method: 'POST', path: '/run' },
          exec: {
            result: [
              { response: ['$.timed_out'], values: { true: 'timeout' } },
              { response: ['$.exit_code'] },
            ],
            truncated: { response: ['$.cut'] },
            statuses: { '422': 'error' },
          },
        },
      ],
    },
    'POST /run is one execution, its result $.timed_out of the JSON response (true is timeout), ' +
      'or $.exit_code of the JSON response, its output cut where $.cut says so, or else its ' +
      'status (422 is error); and counts as a rejected execution when it is answered 401, 413 or 429.',
  ],
  [
    {
      routes: [
        {
          match: { path: '/s' },
          session: {
            on: 'create',
            id: { response: ['$.id'] },
            idleTimeout: { request: ['$.ttl'], unit: 'min' },
            idleTimeoutMs: 5,
            removedAfterMs: 7,
            directory: '/data/{id}',
            memoryCapPages: { query: 'cap' },
          },
        },
      ],
    },
    'Any request to /s creates the session whose id is $.id of the JSON response, expiring after ' +
      'the minutes that stand in $.ttl of the JSON request or else 5 ms without activity and ' +
      'removed 7 ms later, ' +
      'its directory /data/{id}, its memory cap the parameter cap of the query.',
  ],
  [
    {
      processes: [
        {
          args: '*/box.js',
          as: 'sandbox',
          per: 'session',
          capacity: 8,
          exec: {
            on: { message: ['$.kind'], values: ['run', 'call'] },
            result: [{ message: ['$.error'], values: { '*': 'error' } }],
            truncated: { message: ['$.cut'] },
          },
        },
      ],
    },
    'Whatever is started with the arguments */box.js is a sandbox of one session at a time, of ' +
      'which there are 8 at most; a message to it whose $.kind is run or call is an execution, its ' +
      'result $.error of a message from it (any other is error), its output cut where $.cut says so.',
  ],
  [
    { processes: [{ kind: 'worker', as: 'exec', exec: { result: [{ message: ['$.ok'] }] } }] },
    'A worker thread is an execution; it says how it ended, its result $.ok of a message from it.',
  ],
  [
    { containers: [{ image: 'box', as: 'sandbox', capacity: 4 }] },
    'A container of the image box is a sandbox, of which there are 4 at most.',
  ],
  [{ routes: [{ match: { path: '/x' } }] }, 'Any request to /x has this path as its http.route.'],
  [
    { processes: [{ kind: 'process', command: 'py*', args: '-c *', as: 'exec', untrusted: true }] },
    'A child process as py* with the arguments -c * is an execution, and gets no TRACEPARENT.',
  ],
  [{ processes: [{ as: 'ignore' }] }, 'Whatever is started is ignored.'],
  [
    { containers: [{ image: 'i', name: 'n', label: 'l', as: 'sandbox' }] },
    'A container of the image i named n labelled l is a sandbox.',
  ],
  [
    { providers: [{ host: 'h', path: '/p', provider: 'openai' }] },
    'Requests to h at /p are calls to the provider openai.',
  ],
  [{ providers: [{ host: 'h', provider: null }] }, 'Requests to h are no provider calls.'],
];

for (const [rules, sentence] of SENTENCES) {
  test(sentence, () => {
    assert.deepEqual(explainRules({ ...NO_RULES, ...rules }), [sentence]);
  });
}
