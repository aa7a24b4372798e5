import type * as wasi from 'node:wasi';
import type { ProcessRule } from '../../config/rules.js';
import type { OnAttachment } from '../attachments.js';
import { lazyRequire } from '../../lazy-require.js';
import { beforeCall, replaceMethod, type Method } from '../patch.js';
import type { Executions } from './executions.js';

/**
 * Follows `WASI.prototype.start`. To load `node:wasi` prints a warning that it is
 * experimental, so that a host which does not use it must not have it; and that warning is
 * what tells when the host has loaded it.
 */
export function instrumentWasi(
  executions: Executions,
  { rules, onAttachment }: { rules: readonly ProcessRule[]; onAttachment: OnAttachment },
): () => void {
  let undo = (): void => undefined;
  const follow = (): void => {
    undo();
    const { WASI } = lazyRequire('node:wasi') as typeof wasi;
    undo = replaceMethod(WASI.prototype, 'start', (original) => started(executions, original));
    onAttachment({ target: 'node:wasi', attached: true });
  };
  const onWarning = executions.guarded(([warning, type]) => {
    if (type !== 'ExperimentalWarning' || !String(warning).startsWith('WASI ')) return;
    // The class is not there yet: the warning is the first thing that the module does.
    queueMicrotask(() => executions.guard(follow));
  });
  // Who writes a rule for it uses it.
  if (isLoaded() || rules.some(({ kind }) => kind === 'wasi')) follow();
  else undo = beforeCall(process, 'emitWarning', onWarning);
  return () => {
    undo();
  };
}

function isLoaded(): boolean {
  const { moduleLoadList = [] } = process as { moduleLoadList?: readonly string[] };
  return moduleLoadList.includes('NativeModule wasi');
}

function started(executions: Executions, original: Method): Method {
  return function (...args) {
    const begun = executions.beginCall(() => ({ kind: 'wasi', command: '', args: '' }));
    if (begun === undefined) return Reflect.apply(original, this, args);
    try {
      const code = Reflect.apply(original, this, args);
      begun.exec.end(code === 0 ? 'success' : 'error');
      return code;
    } catch (error) {
      begun.exec.end('error');
      throw error;
    }
  };
}
