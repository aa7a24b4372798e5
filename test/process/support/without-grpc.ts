import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { ROOT } from '../../support/paths.js';

/** The preload of the package as it is installed where nobody has asked for gRPC. */
export function installWithoutGrpc(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'agent-otel-'));
  t.after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const scope = path.join(folder, 'node_modules', '@opentelemetry');
  mkdirSync(scope, { recursive: true });
  const installed = path.join(ROOT, 'node_modules', '@opentelemetry');
  for (const name of readdirSync(installed).filter((one) => !one.includes('grpc'))) {
    symlinkSync(path.join(installed, name), path.join(scope, name));
  }
  cpSync(path.join(ROOT, 'dist'), path.join(folder, 'node_modules', 'agent-otel'), {
    recursive: true,
  });
  return path.join(folder, 'node_modules', 'agent-otel', 'register.cjs');
}
