/** The signals that end a process by default and that a supervisor sends to end one. */
const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** Where signal-exit keeps its state; its listeners end nothing by themselves. */
interface SignalExitState {
  readonly count?: number;
}

/**
 * Flushes when the process ends, however it does, and changes neither its exit code nor
 * its signal. `flush` is synchronous and bounded. Returns what stops listening.
 */
export function followExit(flush: () => void): () => void {
  let flushed = false;
  const flushOnce = (): void => {
    if (flushed) return;
    flushed = true;
    try {
      flush();
    } catch {
      // An ending process has nobody left to tell.
    }
  };

  const onSignal = (signal: NodeJS.Signals): void => {
    // A host that listens decides itself when to end, and `exit` comes then.
    if (countOthers(signal, onSignal) > 0) return;
    flushOnce();
    process.removeListener(signal, onSignal);
    process.kill(process.pid, signal);
  };
  process.once('exit', flushOnce);
  // First in line: a `once` listener of the host's is still there to be counted.
  for (const signal of SIGNALS) process.prependListener(signal, onSignal);
  return () => {
    process.removeListener('exit', flushOnce);
    for (const signal of SIGNALS) process.removeListener(signal, onSignal);
  };
}

/** Listeners of a signal that may mean to keep the process running. */
function countOthers(signal: NodeJS.Signals, ours: (signal: NodeJS.Signals) => void): number {
  return (
    process.listeners(signal).filter((listener) => listener !== ours).length - countSignalExit()
  );
}

/**
 * signal-exit (both majors) listens to every signal and re-raises when nobody else does. It
 * counts its copies in these places, by which they discount each other.
 */
function countSignalExit(): number {
  const host = process as unknown as Record<PropertyKey, SignalExitState | undefined>;
  const states = new Set([
    host['__signal_exit_emitter__'],
    (globalThis as unknown as Record<PropertyKey, SignalExitState | undefined>)[
      Symbol.for('signal-exit emitter')
    ],
  ]);
  let count = 0;
  for (const state of states) count += state?.count ?? 0;
  return count;
}
