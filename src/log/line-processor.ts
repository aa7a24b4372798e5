import { createEndedSpanProcessor, type EndedSpanProcessor } from './ended-span.js';
import { accessJson, accessLine, resumeLine, timingLine } from './lines.js';
import { accessRecordOf, resumeRecordOf, timingRecordOf } from './records.js';

/** Where lines go; each is whole, with its line feed. */
export type WriteLine = (line: string) => void;

/** Writes the access line of every server span when it ends. */
export function createAccessLineProcessor(options: {
  format: 'kv' | 'json';
  write: WriteLine;
}): EndedSpanProcessor {
  const render = options.format === 'json' ? accessJson : accessLine;
  return createEndedSpanProcessor((span) => {
    const record = accessRecordOf(span);
    if (record !== undefined) options.write(render(record));
  });
}

/**
 * Writes Ash's timing line for every message that was timed.
 *
 * @param options.isWanted whether the line is on, for the message of a span.
 */
export function createTimingLineProcessor(options: {
  isWanted: (span: object) => boolean;
  write: WriteLine;
}): EndedSpanProcessor {
  return createEndedSpanProcessor((span) => {
    const record = timingRecordOf(span);
    if (record !== undefined && options.isWanted(span)) options.write(timingLine(record));
  });
}

/** Writes Ash's resume line for every session that came back. */
export function createResumeLineProcessor(options: { write: WriteLine }): EndedSpanProcessor {
  return createEndedSpanProcessor((span) => {
    const record = resumeRecordOf(span);
    if (record !== undefined) options.write(resumeLine(record));
  });
}
