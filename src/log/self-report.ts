import type { WriteLine } from './line-processor.js';
import { isoTimestamp } from './timestamp.js';

/** How much we say about ourselves; each level includes those before it. */
export const REPORT_LEVELS = ['none', 'error', 'warn', 'info', 'debug'] as const;
export type ReportLevel = (typeof REPORT_LEVELS)[number];

/** Says something about ourselves to the operator. */
export type Report = (
  level: Exclude<ReportLevel, 'none'>,
  message: string,
  error?: unknown,
) => void;

/** Whether a level is among those that are said. */
export function isSaid(level: ReportLevel, threshold: ReportLevel): boolean {
  return REPORT_LEVELS.indexOf(level) <= REPORT_LEVELS.indexOf(threshold);
}

/** Makes what writes our own messages: one line each, JSON where every line is JSON. */
export function createReport(options: {
  level: ReportLevel;
  json: boolean;
  write: WriteLine;
}): Report {
  return (level, message, error) => {
    if (!isSaid(level, options.level)) return;
    const line = printable(error === undefined ? message : `${message}: ${errorText(error)}`);
    options.write(
      options.json
        ? `${JSON.stringify({ type: 'agent-otel', level, message: line, ts: isoTimestamp(Date.now()) })}\n`
        : `agent-otel ${level}: ${line}\n`,
    );
  };
}

/** One bounded line, whatever an error's text holds. */
function printable(message: string): string {
  return message
    .toWellFormed()
    .replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
    .slice(0, 1000);
}

/** An error's text; what a host threw may have none, and may throw again when asked. */
function errorText(error: unknown): string {
  try {
    return String(error);
  } catch {
    return 'an error without a text';
  }
}
