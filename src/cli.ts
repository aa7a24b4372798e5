import { apiKeyLine } from './endpoint/api-keys.js';

const USAGE = `Usage: agent-otel hash-key TENANT

Reads an API key from standard input and prints its line for AGENT_OTEL_API_KEYS_FILE:
tenant:sha256-hex-of-key. The key itself is stored nowhere.
`;

async function readKey(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) text += String(chunk);
  return text.trim();
}

async function hashKey(tenant: string): Promise<number> {
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

const [command, tenant, ...rest] = process.argv.slice(2);
if (command === 'hash-key' && tenant !== undefined && tenant !== '' && rest.length === 0) {
  void hashKey(tenant).then((code) => {
    process.exitCode = code;
  });
} else {
  const asked = command === '--help' || command === '-h';
  (asked ? process.stdout : process.stderr).write(USAGE);
  process.exitCode = asked ? 0 : 2;
}
