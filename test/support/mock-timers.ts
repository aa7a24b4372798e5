import type { TestContext } from 'node:test';

/** Mocks timers of a test. Node 20.6 takes a list, and later versions an object that has it. */
export function mockTimers(t: TestContext, apis: ('setTimeout' | 'setImmediate')[]): void {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const takesList = major === 20 && minor < 11;
  t.mock.timers.enable((takesList ? apis : { apis }) as { apis: typeof apis });
}
