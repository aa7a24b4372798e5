import type { HrTime } from '@opentelemetry/api';

const SECOND = 1000;
/** The second that was written last: a busy server writes thousands of lines in one. */
let second = NaN;
let secondText = '';

/** RFC 3339 with milliseconds and `+00:00`, as wasmrun's access line shows it. */
export function accessTimestamp(epochMs: number): string {
  const whole = Math.floor(epochMs / SECOND);
  if (whole !== second) {
    secondText = new Date(whole * SECOND).toISOString().slice(0, -'000Z'.length);
    second = whole;
  }
  const milliseconds = Math.floor(epochMs - whole * SECOND);
  return `${secondText}${milliseconds < 100 ? String(milliseconds).padStart(3, '0') : milliseconds}+00:00`;
}

/** RFC 3339 with milliseconds and `Z`, as Ash's lines show it. */
export function isoTimestamp(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

/** A span's time or duration as milliseconds. */
export function toMilliseconds([seconds, nanoseconds]: HrTime): number {
  return seconds * 1e3 + nanoseconds / 1e6;
}
