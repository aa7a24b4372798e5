import type { TestContext } from 'node:test';
import { Server, ServerCredentials, type Metadata, type ServiceDefinition } from '@grpc/grpc-js';
import {
  decodeLogRecords,
  decodePoints,
  decodeSpans,
  type OtlpLogRecord,
  type OtlpPoint,
  type OtlpSpan,
} from './otlp-decode.js';

/** An OTLP/gRPC receiver on loopback that keeps what it is sent. */
export interface OtlpGrpcReceiver {
  /** `127.0.0.1:PORT`. */
  readonly target: string;
  readonly spans: OtlpSpan[];
  readonly points: OtlpPoint[];
  readonly logRecords: OtlpLogRecord[];
  /** The metadata of every call, in order. */
  readonly metadata: Metadata[];
  /** Ends it at once. */
  stop(): void;
}

/** The `Export` method of a collector service, with the bytes left as they are. */
function exportService(service: string): ServiceDefinition {
  const same = (value: Buffer): Buffer => value;
  return {
    export: {
      path: `/opentelemetry.proto.collector.${service}/Export`,
      requestStream: false,
      responseStream: false,
      requestSerialize: same,
      requestDeserialize: same,
      responseSerialize: same,
      responseDeserialize: same,
    },
  };
}

/** Starts a receiver that ends with the test, where it is told to or on a free port. */
export async function startOtlpGrpcReceiver(
  t: TestContext,
  address = '127.0.0.1:0',
): Promise<OtlpGrpcReceiver> {
  const spans: OtlpSpan[] = [];
  const points: OtlpPoint[] = [];
  const logRecords: OtlpLogRecord[] = [];
  const metadata: Metadata[] = [];
  const server = new Server();
  const serve = (service: string, keep: (body: Buffer) => void): void => {
    server.addService(exportService(service), {
      export: (
        call: { request: Buffer; metadata: Metadata },
        done: (error: null, answer: Buffer) => void,
      ) => {
        metadata.push(call.metadata);
        keep(call.request);
        // An empty message is a complete success.
        done(null, Buffer.alloc(0));
      },
    });
  };
  serve('trace.v1.TraceService', (body) => spans.push(...decodeSpans(body)));
  serve('metrics.v1.MetricsService', (body) => points.push(...decodePoints(body)));
  serve('logs.v1.LogsService', (body) => logRecords.push(...decodeLogRecords(body)));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  const stop = (): void => {
    server.forceShutdown();
  };
  t.after(stop);
  return { target: `127.0.0.1:${port}`, spans, points, logRecords, metadata, stop };
}
