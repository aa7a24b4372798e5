import type { HrTime } from '@opentelemetry/api';

/** RFC 3339 with milliseconds and `+00:00`, as wasmrun's access line shows it. */
export function accessTimestamp(epochMs: number): string {
  return new Date(epochMs).toISOString().replace('Z', '+00:00');
}

/** RFC 3339 with milliseconds and `Z`, as Ash's lines show it. */
export function isoTimestamp(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

/** A span's time or duration as milliseconds. */
export function toMilliseconds([seconds, nanoseconds]: HrTime): number {
  return seconds * 1e3 + nanoseconds / 1e6;
}
