// Builds, then runs an example in this same process, so that a signal to it reaches it:
// `node scripts/run.mjs start`, `node scripts/run.mjs serve NAME`.
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const [script, ...args] = process.argv.slice(2);
const cwd = process.cwd();
await import('./build.mjs');
// Paths among the arguments are the user's, relative to where the command was given.
process.chdir(cwd);
const target = path.join(root, 'build', 'examples', `${script}.js`);

// npm passes a signal to its shell alone, and a shell that is ended leaves this process
// behind: being handed to another parent is then all that tells.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, 'SIGTERM');
}, 200).unref();

process.argv.splice(1, Infinity, target, ...args);
await import(target);
