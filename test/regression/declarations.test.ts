import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { ROOT } from '../support/paths.js';

const TSC = createRequire(import.meta.url).resolve('typescript/bin/tsc');
const SOURCE = `
import { exec, session, type ExecResult } from 'agent-otel';
const result: ExecResult = exec.run({ session: 'a' }, () => 'success' as const);
session.ended(result);
`;

/** Compiles a host in a folder that has agent-otel as `install` puts it there. */
function compile(
  t: TestContext,
  { name, module, install }: { name: string; module: string; install: (modules: string) => void },
): void {
  const folder = mkdtempSync(path.join(tmpdir(), 'declarations-'));
  t.after(() => {
    rmSync(folder, { recursive: true });
  });
  const modules = path.join(folder, 'node_modules');
  mkdirSync(modules);
  install(modules);
  writeFileSync(path.join(folder, name), SOURCE);
  const flags = ['--noEmit', '--strict', '--module', module, '--moduleResolution', module];
  const types = ['--types', 'node', '--typeRoots', `${ROOT}node_modules/@types`];
  const { status, stdout } = spawnSync(
    process.execPath,
    [TSC, ...flags, '--target', 'es2022', ...types, name],
    { cwd: folder, encoding: 'utf8' },
  );
  assert.equal(status, 0, stdout);
}

// Declarations that are ES modules cannot be required under node16, and a compiler that does
// not skip libraries refused the whole package.
for (const name of ['host.cts', 'host.mts']) {
  for (const module of ['node16', 'nodenext']) {
    test(`a host in ${name} compiles under ${module} with libraries checked`, (t) => {
      const install = (modules: string): void => {
        symlinkSync(ROOT, path.join(modules, 'agent-otel'));
      };
      compile(t, { name, module, install });
    });
  }
}

// The SDK is the composing host's; the declarations name its types to all others as well.
for (const name of ['host.cts', 'host.mts']) {
  test(`a host in ${name} compiles without the SDK, with libraries checked`, (t) => {
    const install = (modules: string): void => {
      const ours = path.join(modules, 'agent-otel');
      mkdirSync(ours);
      cpSync(`${ROOT}package.json`, path.join(ours, 'package.json'));
      cpSync(`${ROOT}dist`, path.join(ours, 'dist'), { recursive: true });
      mkdirSync(path.join(modules, '@opentelemetry'));
      const api = path.join('@opentelemetry', 'api');
      symlinkSync(path.join(ROOT, 'node_modules', api), path.join(modules, api));
    };
    compile(t, { name, module: 'node16', install });
  });
}
