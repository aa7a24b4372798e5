import { checkRules } from './cli-check.js';
import { hashKey } from './cli-hash-key.js';

const USAGE = `Usage: agent-otel hash-key TENANT
       agent-otel check FILE

hash-key reads an API key from standard input and prints its line for
AGENT_OTEL_API_KEYS_FILE: tenant:sha256-hex-of-key. The key itself is stored nowhere.

check reads a file for AGENT_OTEL_RULES, prints what each rule would do, and says what is
wrong with it: then its exit code is 1.
`;

/** A command takes its one argument and gives the exit code. */
const COMMANDS: Readonly<Record<string, (argument: string) => number | Promise<number>>> = {
  'hash-key': hashKey,
  check: checkRules,
};

const [name = '', argument, ...rest] = process.argv.slice(2);
const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
if (command !== undefined && argument !== undefined && argument !== '' && rest.length === 0) {
  void Promise.resolve(command(argument)).then((code) => {
    process.exitCode = code;
  });
} else {
  const asked = name === '--help' || name === '-h';
  (asked ? process.stdout : process.stderr).write(USAGE);
  process.exitCode = asked ? 0 : 2;
}
