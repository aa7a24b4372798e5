/* eslint-disable @typescript-eslint/no-unsafe-enum-assignment -- the SDK's own enums are
   values of a package that a composing host brings itself; their numbers and names are
   part of the SDK's public interface, and importing them would load a second copy. */
import type { SeverityNumber } from '@opentelemetry/api-logs';
import type {
  AggregationTemporality,
  DataPointType,
  InstrumentType,
} from '@opentelemetry/sdk-metrics';
import type { SamplingDecision } from '@opentelemetry/sdk-trace-base';

export const NOT_RECORD = 0 as SamplingDecision.NOT_RECORD;
export const RECORD = 1 as SamplingDecision.RECORD;
export const RECORD_AND_SAMPLED = 2 as SamplingDecision.RECORD_AND_SAMPLED;

export const HISTOGRAM = 0 as DataPointType.HISTOGRAM;
export const SUM = 3 as DataPointType.SUM;

export const DELTA = 0 as AggregationTemporality.DELTA;
export const CUMULATIVE = 1 as AggregationTemporality.CUMULATIVE;

export const INFO = 9 as SeverityNumber.INFO;
export const WARN = 13 as SeverityNumber.WARN;
export const ERROR = 17 as SeverityNumber.ERROR;

/** What the kinds of our instruments are called in the SDK. */
export const INSTRUMENT_TYPES = {
  counter: 'COUNTER' as InstrumentType.COUNTER,
  upDownCounter: 'UP_DOWN_COUNTER' as InstrumentType.UP_DOWN_COUNTER,
  histogram: 'HISTOGRAM' as InstrumentType.HISTOGRAM,
};
