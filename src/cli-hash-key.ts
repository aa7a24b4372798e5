import { apiKeyLine } from './endpoint/api-keys.js';

/** Prints the line of the key on standard input for a tenant; 2 when there can be none. */
export async function hashKey(tenant: string): Promise<number> {
  if (/[:\s]/.test(tenant)) {
    process.stderr.write('agent-otel: a tenant holds neither colons nor white space\n');
    return 2;
  }
  const key = await readKey();
  if (key === '' || /\s/.test(key)) {
    process.stderr.write('agent-otel: standard input must hold one key, without white space\n');
    return 2;
  }
  process.stdout.write(`${apiKeyLine(tenant, key)}\n`);
  return 0;
}

async function readKey(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) text += String(chunk);
  return text.trim();
}
