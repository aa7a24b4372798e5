import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type * as wasi from 'node:wasi';
import type { ProcessRule } from '../../config/rules.js';
import { lazyRequire } from '../../lazy-require.js';
import { replaceMethod, type Method } from '../patch.js';
import type { Executions } from './executions.js';

const REQUEST = 'http.server.request.start';

/**
 * Follows `WASI.prototype.start`. To load `node:wasi` prints a warning, so that a host that
 * does not use it must not have it: whether the host has loaded it is looked up as each
 * request arrives, by the length of a list, until it has.
 */
export function instrumentWasi(
  executions: Executions,
  { rules }: { rules: readonly ProcessRule[] },
): () => void {
  const { moduleLoadList = [] } = process as { moduleLoadList?: readonly string[] };
  let seen = 0;
  let undo = (): void => {
    unsubscribe(REQUEST, look);
  };
  function look(): void {
    if (moduleLoadList.length === seen) return;
    const isLoaded = moduleLoadList.includes('NativeModule wasi', seen);
    seen = moduleLoadList.length;
    if (isLoaded) follow();
  }
  function follow(): void {
    unsubscribe(REQUEST, look);
    const { WASI } = lazyRequire('node:wasi') as typeof wasi;
    undo = replaceMethod(WASI.prototype, 'start', (original) => started(executions, original));
  }
  subscribe(REQUEST, look);
  // Who writes a rule for it uses it, and maybe outside of requests.
  if (rules.some(({ kind }) => kind === 'wasi')) follow();
  else look();
  return () => {
    undo();
  };
}

function started(executions: Executions, original: Method): Method {
  return function (...args) {
    const begun = executions.beginCall(() => ({ kind: 'wasi', command: '', args: '' }));
    if (begun === undefined) return Reflect.apply(original, this, args);
    try {
      const code = Reflect.apply(original, this, args);
      executions.guard(() => {
        begun.exec.end(code === 0 ? 'success' : 'error');
      });
      return code;
    } catch (error) {
      begun.exec.end('error');
      throw error;
    }
  };
}
