import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';
import {
  decodeLogRecords,
  decodePoints,
  decodeSpans,
  type OtlpLogRecord,
  type OtlpPoint,
  type OtlpSpan,
} from './otlp-decode.js';
import { waitFor } from './wait.js';

/** How requests are answered from now on. */
export type Answer =
  | { readonly with: 'success' }
  | { readonly with: 'success'; readonly afterMs: number }
  | { readonly with: 'unavailable'; readonly retryAfterSeconds: number }
  | { readonly with: 'nothing' };

/** One export request, whatever it was answered with. */
export interface OtlpRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly answered: 'success' | 'unavailable' | 'nothing';
  readonly spans: readonly OtlpSpan[];
  readonly points: readonly OtlpPoint[];
  readonly logRecords: readonly OtlpLogRecord[];
}

/** An OTLP/HTTP receiver on loopback that keeps what it is sent. */
export interface OtlpReceiver {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`; the signals' paths are below it. */
  readonly url: string;
  /** Every request whose body has arrived, in order. */
  readonly requests: readonly OtlpRequest[];
  /** Everything that was accepted: a request that was refused is sent again. */
  spans(): OtlpSpan[];
  points(): OtlpPoint[];
  logRecords(): OtlpLogRecord[];
  /** The points of the last accepted metrics request. */
  lastPoints(): OtlpPoint[];
  /** The first accepted span that matches, as soon as it is there. */
  span(matches: (span: OtlpSpan) => boolean, what?: string): Promise<OtlpSpan>;
  answer(answer: Answer): void;
}

/** Starts a receiver that ends with the test. */
export async function startOtlpReceiver(
  t: TestContext,
  { answer = { with: 'success' } }: { answer?: Answer } = {},
): Promise<OtlpReceiver> {
  const requests: OtlpRequest[] = [];
  let current = answer;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const path = request.url ?? '';
      const body = Buffer.concat(chunks);
      const bytes = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
      requests.push({
        path,
        headers: request.headers,
        answered: current.with,
        spans: path.includes('traces') ? decodeSpans(bytes) : [],
        points: path.includes('metrics') ? decodePoints(bytes) : [],
        logRecords: path.includes('logs') ? decodeLogRecords(bytes) : [],
      });
      respond(response, current);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  const accepted = (): OtlpRequest[] => requests.filter(({ answered }) => answered === 'success');
  const spans = (): OtlpSpan[] => accepted().flatMap((request) => request.spans);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    spans,
    points: () => accepted().flatMap(({ points }) => points),
    logRecords: () => accepted().flatMap(({ logRecords }) => logRecords),
    lastPoints: () => [...(accepted().findLast(({ points }) => points.length > 0)?.points ?? [])],
    span: (matches, what = 'a span') =>
      waitFor(() => spans().find(matches), { what: `${what} over OTLP` }),
    answer(next) {
      current = next;
    },
  };
}

function respond(response: ServerResponse, answer: Answer): void {
  switch (answer.with) {
    case 'success':
      setTimeout(
        () => {
          // An empty message is a complete success.
          response.writeHead(200, { 'Content-Type': 'application/x-protobuf' }).end();
        },
        'afterMs' in answer ? answer.afterMs : 0,
      );
      break;
    case 'unavailable':
      response.writeHead(503, { 'Retry-After': String(answer.retryAfterSeconds) }).end();
      break;
    case 'nothing':
      break;
  }
}
