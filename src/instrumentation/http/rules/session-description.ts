import path from 'node:path';
import type { DurationUnit, SessionRule } from '../../../config/rules.js';
import type { TrackedSession } from '../../../events/session-registry.js';
import { compileValue, type ReadValue, type ValueSources } from './values.js';

/** What a rule says of a session that begins, besides its id. */
export type SessionDescription = Omit<TrackedSession, 'id'>;

const MILLISECONDS: Readonly<Record<DurationUnit, number>> = { ms: 1, s: 1_000, min: 60_000 };

/** Makes what describes a session that begins. */
export function planDescription(
  rule: SessionRule,
): (sources: ValueSources, id: string) => SessionDescription {
  const { idleTimeout, idleTimeoutMs, removedAfterMs, directory, memoryCapPages } = rule;
  const readTimeout = numberReader(idleTimeout && compileValue(idleTimeout));
  const readCap = numberReader(memoryCapPages && compileValue(memoryCapPages));
  const unit = MILLISECONDS[idleTimeout?.unit ?? 's'];
  return (sources, id) => {
    const asked = readTimeout(sources);
    return {
      idleTimeoutMs: asked === undefined ? idleTimeoutMs : asked * unit,
      memoryCapPages: readCap(sources),
      removedAfterMs,
      directory: directory === undefined ? undefined : directoryOf(directory, id),
    };
  };
}

/** An id may come from a client: one that would lead elsewhere names no directory. */
function directoryOf(template: string, id: string): string | undefined {
  if (/[/\\\0]/.test(id) || /^\.+$/.test(id)) return undefined;
  return path.resolve(template.replaceAll('{id}', () => id));
}

function numberReader(read: ReadValue | undefined): (sources: ValueSources) => number | undefined {
  return (sources) => {
    const text = read?.(sources);
    const value = text === undefined ? NaN : Number(text);
    return Number.isFinite(value) && value > 0 ? value : undefined;
  };
}
