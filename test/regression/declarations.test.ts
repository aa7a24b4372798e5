import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../support/paths.js';

const TSC = createRequire(import.meta.url).resolve('typescript/bin/tsc');
const SOURCE = `
import { exec, session, type ExecResult } from 'agent-otel';
const result: ExecResult = exec.run({ session: 'a' }, () => 'success' as const);
session.ended(result);
`;

// Declarations that are ES modules cannot be required under node16, and a compiler that does
// not skip libraries refused the whole package.
for (const name of ['host.cts', 'host.mts']) {
  for (const module of ['node16', 'nodenext']) {
    test(`a host in ${name} compiles under ${module} with libraries checked`, (t) => {
      const folder = mkdtempSync(path.join(tmpdir(), 'declarations-'));
      t.after(() => {
        rmSync(folder, { recursive: true });
      });
      mkdirSync(path.join(folder, 'node_modules'));
      symlinkSync(ROOT, path.join(folder, 'node_modules', 'agent-otel'));
      writeFileSync(path.join(folder, name), SOURCE);
      const flags = ['--noEmit', '--strict', '--module', module, '--moduleResolution', module];
      const { status, stdout } = spawnSync(
        process.execPath,
        [
          TSC,
          ...flags,
          '--target',
          'es2022',
          '--types',
          'node',
          '--typeRoots',
          `${ROOT}node_modules/@types`,
          name,
        ],
        { cwd: folder, encoding: 'utf8' },
      );
      assert.equal(status, 0, stdout);
    });
  }
}
