// A lock between processes that may want to make the same thing.
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Makes this process the only one at work; waits, and says so, while another one is. */
export async function lock(file, onWait) {
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  try {
    for (let waited = false; ; waited = true) {
      try {
        // A link appears with its content, or not at all.
        linkSync(mine, file);
        return () => rmSync(file, { force: true });
      } catch (error) {
        if (error.code !== 'EEXIST') throw error;
      }
      const pid = holder(file);
      if (pid !== undefined && !isRunning(pid)) rmSync(file, { force: true });
      else if (!waited) onWait(pid);
      await sleep(500);
    }
  } finally {
    rmSync(mine);
  }
}

/** The process that holds the lock; undefined when it has just been let go. */
function holder(file) {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

function isRunning(pid) {
  try {
    return process.kill(pid, 0);
  } catch ({ code }) {
    return code === 'EPERM';
  }
}
