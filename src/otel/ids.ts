import type { IdGenerator } from '@opentelemetry/sdk-trace-base';
import { crypto } from '../lazy-require.js';

const TRACE_ID_DIGITS = 32;
const SPAN_ID_DIGITS = 16;
/** Random bytes that are drawn at once; a request takes 24 of them. */
const DRAWN_BYTES = 6144;
const ALL_ZEROS = /^0+$/;

/** Random ids of traces and spans, for spans of our own making and for the SDK's alike. */
export interface Ids extends IdGenerator {
  /** Lets the SDK's next span be of this trace: it was drawn to decide on its sampling. */
  continueWith(traceId: string): void;
}

/** Makes ids from randomness that is drawn and written as hex digits for many at once. */
export function createIds(): Ids {
  const bytes = Buffer.allocUnsafeSlow(DRAWN_BYTES);
  let digits = '';
  let position = 0;
  let decided: string | undefined;

  function take(length: number): string {
    if (position + length > digits.length) {
      digits = crypto().randomFillSync(bytes).toString('hex');
      position = 0;
    }
    const id = digits.slice(position, (position += length));
    // An id of zeros is invalid (W3C Trace Context, 3.2.2.3 and 3.2.2.4).
    return id.startsWith('0') && ALL_ZEROS.test(id) ? take(length) : id;
  }

  return {
    generateTraceId() {
      const traceId = decided ?? take(TRACE_ID_DIGITS);
      decided = undefined;
      return traceId;
    },
    generateSpanId: () => take(SPAN_ID_DIGITS),
    continueWith(traceId) {
      decided = traceId;
    },
  };
}
