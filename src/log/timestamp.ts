import type { HrTime } from '@opentelemetry/api';

const SECOND = 1000;
/** What was written last: a busy server writes dozens of lines in one millisecond. */
let second = NaN;
let secondText = '';
let millisecond = NaN;
let text = '';

/** RFC 3339 with milliseconds and `+00:00`, as wasmrun's access line shows it. */
export function accessTimestamp(epochMs: number): string {
  const whole = Math.floor(epochMs);
  if (whole === millisecond) return text;
  millisecond = whole;
  text = `${textOfSecond(Math.floor(whole / SECOND))}${String(whole % SECOND).padStart(3, '0')}+00:00`;
  return text;
}

/** Up to the decimal point, with it. */
function textOfSecond(whole: number): string {
  if (whole !== second) {
    second = whole;
    secondText = new Date(whole * SECOND).toISOString().slice(0, -'000Z'.length);
  }
  return secondText;
}

/** RFC 3339 with milliseconds and `Z`, as Ash's lines show it. */
export function isoTimestamp(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

/** A span's time or duration as milliseconds. */
export function toMilliseconds([seconds, nanoseconds]: HrTime): number {
  return seconds * 1e3 + nanoseconds / 1e6;
}
