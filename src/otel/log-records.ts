import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import type { Logger, LogRecord } from '@opentelemetry/api-logs';
import {
  ATTR_GEN_AI_AGENT_NAME,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_MESSAGE_EVENT_COUNT,
  ATTR_MESSAGE_FIRST_EVENT_MS,
  ATTR_MESSAGE_LOOKUP_MS,
  ATTR_MESSAGE_TOTAL_MS,
  ATTR_REQUEST_ABORTED,
  ATTR_REQUEST_DURATION_MS,
  ATTR_REQUEST_ID,
  ATTR_SANDBOX_ID,
  ATTR_SESSION_ID,
  ATTR_SESSION_RESUME_PATH,
  ATTR_TENANT_ID,
  ATTR_URL_PATH,
} from '../catalog/attributes.js';
import {
  createEndedSpanProcessor,
  type EndedSpan,
  type EndedSpanProcessor,
} from '../log/ended-span.js';
import { accessLine, resumeLine, timingLine } from '../log/lines.js';
import {
  accessRecordOf,
  resumeRecordOf,
  timingRecordOf,
  type AccessRecord,
  type ResumeRecord,
  type TimingRecord,
} from '../log/records.js';
import { ERROR, INFO, WARN } from './sdk-values.js';

const SEVERITY_TEXTS = { [INFO]: 'INFO', [WARN]: 'WARN', [ERROR]: 'ERROR' } as const;

type Severity = keyof typeof SEVERITY_TEXTS;
type Described = Required<Pick<LogRecord, 'eventName' | 'body' | 'attributes'>> & {
  readonly severity: Severity;
};

/**
 * Emits what the lines say as OpenTelemetry log records, whether or not the lines are
 * written: the documented line as the body, its fields as attributes under the names that
 * the spans use, the time of the span's end and its ids. The Collector configurations in
 * `otel-collector/` make the same records of the lines themselves.
 */
export function createLogRecordProcessor(logger: () => Logger | undefined): EndedSpanProcessor {
  return createEndedSpanProcessor((span) => {
    const target = logger();
    if (target === undefined) return;
    const access = accessRecordOf(span);
    if (access !== undefined) emit(target, span, describeAccess(access));
    const timing = timingRecordOf(span);
    if (timing !== undefined) emit(target, span, describeTiming(timing));
    const resume = resumeRecordOf(span);
    if (resume !== undefined) emit(target, span, describeResume(resume));
  });
}

function emit(logger: Logger, span: EndedSpan, { severity, ...described }: Described): void {
  logger.emit({
    ...described,
    timestamp: span.endTime,
    severityNumber: severity,
    severityText: SEVERITY_TEXTS[severity],
    context: trace.setSpanContext(ROOT_CONTEXT, span.spanContext()),
  });
}

function describeAccess(record: AccessRecord): Described {
  return {
    eventName: 'agent.request.ended',
    severity: severityOf(record.status),
    body: accessLine(record).trimEnd(),
    attributes: {
      [ATTR_REQUEST_ID]: record.id,
      [ATTR_HTTP_REQUEST_METHOD]: record.method,
      [ATTR_URL_PATH]: record.path,
      [ATTR_HTTP_RESPONSE_STATUS_CODE]: record.status,
      [ATTR_REQUEST_DURATION_MS]: Math.floor(record.durationMs),
      ...(record.tenant !== undefined &&
        record.tenant !== '' && { [ATTR_TENANT_ID]: record.tenant }),
      ...(record.aborted && { [ATTR_REQUEST_ABORTED]: true }),
    },
  };
}

function severityOf(status: number): Severity {
  if (status >= 500) return ERROR;
  return status >= 400 ? WARN : INFO;
}

function describeTiming(record: TimingRecord): Described {
  return {
    eventName: 'agent.message.answered',
    severity: INFO,
    body: timingLine(record).trimEnd(),
    attributes: {
      [ATTR_SESSION_ID]: record.sessionId,
      [ATTR_SANDBOX_ID]: record.sandboxId,
      [ATTR_MESSAGE_LOOKUP_MS]: record.lookupMs,
      [ATTR_MESSAGE_FIRST_EVENT_MS]: record.firstEventMs,
      [ATTR_MESSAGE_TOTAL_MS]: record.totalMs,
      [ATTR_MESSAGE_EVENT_COUNT]: record.eventCount,
    },
  };
}

function describeResume(record: ResumeRecord): Described {
  return {
    eventName: 'agent.session.resumed',
    severity: INFO,
    body: resumeLine(record).trimEnd(),
    attributes: {
      [ATTR_SESSION_ID]: record.sessionId,
      [ATTR_SESSION_RESUME_PATH]: record.path,
      [ATTR_GEN_AI_AGENT_NAME]: record.agentName,
    },
  };
}
