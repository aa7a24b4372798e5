import { randomBytes } from 'node:crypto';

/** Where every item comes from, and what else is in it. */
export interface Items {
  readonly service: string;
  readonly instance: string;
  /** Makes each item longer by so many bytes. */
  readonly padding?: number;
}

const text = (key: string, stringValue: string): object => ({ key, value: { stringValue } });

/** One span, one point and one log record, as OTLP's JSON; the point is `sent` and counts 3. */
function requests({ service, instance, padding = 0 }: Items): Readonly<Record<string, object>> {
  const resource = {
    attributes: [text('service.name', service), text('service.instance.id', instance)],
  };
  const attributes = [text('padding', 'x'.repeat(padding))];
  const now = `${Date.now()}000000`;
  const span = {
    traceId: randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    name: 'sent',
    startTimeUnixNano: now,
    endTimeUnixNano: now,
    attributes,
  };
  const sum = {
    aggregationTemporality: 2,
    isMonotonic: true,
    dataPoints: [{ asInt: '3', timeUnixNano: now, attributes }],
  };
  const record = { timeUnixNano: now, body: { stringValue: 'sent' }, attributes };
  return {
    traces: { resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] },
    metrics: {
      resourceMetrics: [{ resource, scopeMetrics: [{ metrics: [{ name: 'sent', sum }] }] }],
    },
    logs: { resourceLogs: [{ resource, scopeLogs: [{ logRecords: [record] }] }] },
  };
}

/** Sends one item of each signal and says how each was answered. */
export async function sendEach(url: string, items: Items): Promise<number[]> {
  return Promise.all(
    Object.entries(requests(items)).map(async ([signal, body]) => {
      const { status } = await fetch(`${url}/v1/${signal}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return status;
    }),
  );
}
