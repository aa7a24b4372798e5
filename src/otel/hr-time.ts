import type { HrTime } from '@opentelemetry/api';

/**
 * Milliseconds, since the epoch or of a duration, as OpenTelemetry's seconds and
 * nanoseconds, to the microsecond: what a double holds of a time since the epoch.
 */
export function toHrTime(milliseconds: number): HrTime {
  const microseconds = Math.round(milliseconds * 1e3);
  const seconds = Math.floor(microseconds / 1e6);
  return [seconds, (microseconds - seconds * 1e6) * 1e3];
}
