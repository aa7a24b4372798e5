import { syncBuiltinESMExports } from 'node:module';
import type { OnAttachment } from '../attachments.js';
import { instrumentAsyncForms } from './child-process.js';
import { Executions, type ProcessOptions } from './executions.js';
import { instrumentSyncForms } from './sync-forms.js';
import { instrumentWasi } from './wasi.js';
import { instrumentWorkers } from './worker.js';

/**
 * Follows what the host executes in child processes, worker threads and WASI, as executions
 * or as sandboxes. Returns what undoes it all.
 */
export function instrumentProcesses(
  options: ProcessOptions & { readonly onAttachment?: OnAttachment },
): () => void {
  const { rules, onAttachment = () => undefined } = options;
  const executions = new Executions(options);
  const undo = [
    instrumentAsyncForms(executions),
    instrumentSyncForms(executions),
    instrumentWorkers(executions),
    instrumentWasi(executions, { rules, onAttachment }),
  ];
  onAttachment({ target: 'child processes', attached: true });
  onAttachment({ target: 'worker threads', attached: true });
  // ES modules import these by name, before or after us.
  syncBuiltinESMExports();
  return () => {
    executions.stop();
    for (const off of undo) off();
    syncBuiltinESMExports();
  };
}
