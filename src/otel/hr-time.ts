import type { HrTime } from '@opentelemetry/api';

/** Milliseconds, since the epoch or of a duration, as OpenTelemetry's seconds and nanoseconds. */
export function toHrTime(milliseconds: number): HrTime {
  const seconds = Math.trunc(milliseconds / 1e3);
  return [seconds, Math.round((milliseconds - seconds * 1e3) * 1e6)];
}
