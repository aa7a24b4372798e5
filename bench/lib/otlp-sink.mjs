import { once } from 'node:events';
import http from 'node:http';

/** A Collector that takes everything and counts the spans of each who sends. */
export async function startOtlpSink() {
  /** @type {Map<string, number>} */
  const spans = new Map();
  const server = http.createServer((request, response) => {
    /** @type {Buffer[]} */
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const sender = request.url ?? '';
      spans.set(sender, (spans.get(sender) ?? 0) + countSpans(Buffer.concat(chunks)));
      response.writeHead(200, { 'Content-Type': 'application/x-protobuf' }).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    /** Where a sender sends to. @param {string} sender in letters and digits */
    urlOf: (sender) => `http://127.0.0.1:${port}/${sender}`,
    /** Spans that have arrived from a sender. @param {string} sender */
    spansOf: (sender) => spans.get(`/${sender}`) ?? 0,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** ExportTraceServiceRequest: resource_spans = 1, their scope_spans = 2, their spans = 2. */
function countSpans(request) {
  let spans = 0;
  for (const resource of fields(request, 1)) {
    for (const scope of fields(resource, 2)) spans += [...fields(scope, 2)].length;
  }
  return spans;
}

/** The length-delimited fields of one number in a protobuf message. */
function* fields(message, wanted) {
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = message[at++];
      value += (byte & 127) * shift;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const tag = varint();
    const type = tag & 7;
    if (type === 2) {
      const end = varint() + at;
      if (tag >> 3 === wanted) yield message.subarray(at, end);
      at = end;
    } else if (type === 0) varint();
    else at += type === 1 ? 8 : 4;
  }
}
