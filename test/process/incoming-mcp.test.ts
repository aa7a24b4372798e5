/** Sessions whose id stands in headers, as those of MCP's Streamable HTTP transport do. */
import test from 'node:test';
import { startZeroCodeHost } from './support/zero-code-host.js';

const ID = 'Mcp-Session-Id';
const named = { header: ID };
const RULES = {
  routes: [
    {
      match: { method: 'POST', path: '/mcp', headers: { [ID]: false } },
      session: { on: 'create', id: { responseHeader: ID } },
    },
    {
      match: { method: 'DELETE', path: '/mcp', headers: { [ID]: true } },
      session: { on: 'end', id: named },
    },
    {
      match: { path: '/mcp', headers: { [ID]: true, 'mcp-method': 'tools/*' } },
      session: { on: 'touch', id: named },
      exec: {},
    },
    { match: { path: '/mcp' }, session: { on: 'touch', id: named } },
    {
      match: { method: 'POST', path: '/log-in' },
      session: { on: 'create', id: { responseHeader: 'Set-Cookie', pattern: 'sid=([^;]+)' } },
    },
    {
      match: { method: 'POST', path: '/log-out' },
      session: { on: 'end', id: { header: 'cookie', pattern: '(?:^|; )sid=([^;]+)' } },
    },
  ],
};

test('one path creates, uses and ends sessions, told apart by a header', async (t) => {
  const host = await startZeroCodeHost(t, { rules: RULES });
  const sessions = async (created: number, active: number): Promise<void> => {
    await host.shows('wasmrun_agent_sessions_created_total', {}, created);
    await host.shows('ash_active_sessions', {}, active);
  };
  await host.ask('POST /mcp', 'names a session', { 'x-names': 'm1' });
  await host.ask('POST /mcp', 'names a session', { 'x-names': 'm2' });
  await sessions(2, 2);
  await host.ask('POST /mcp', 'json', { 'mcp-session-id': 'm1' });
  await host.ask('GET /mcp', 'ok', { 'mcp-session-id': 'm1' });
  await host.ask('POST /mcp', 'conflict');
  await host.ask('POST /mcp', 'json');
  await sessions(2, 2);
  await host.shows('wasmrun_agent_exec_total', { result: 'success' }, 0);
  await host.ask('POST /mcp', 'json', { 'mcp-session-id': 'm1', 'mcp-method': 'tools/call' });
  await host.shows('wasmrun_agent_exec_total', { result: 'success' }, 1);
  await host.ask('DELETE /mcp', 'no content', { 'mcp-session-id': 'm1' });
  await sessions(2, 1);
});

test('a session is known by the second cookie that is set', async (t) => {
  const host = await startZeroCodeHost(t, { rules: RULES });
  await host.ask('POST /log-in', 'names a session', { 'x-names': 'c1' });
  await host.shows('ash_active_sessions', {}, 1);
  await host.ask('POST /log-out', 'no content', { cookie: 'lang=en; sid=c1' });
  await host.shows('ash_active_sessions', {}, 0);
});
