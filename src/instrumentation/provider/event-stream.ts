import { Answer, type AnswerReader } from './answer.js';
import { parseJson } from './json.js';

/** A frame's prelude: its length, the length of its headers, their checksum. */
const PRELUDE = 12;
const CHECKSUM = 4;
/** Longest frame that is read; Bedrock's are a few hundred bytes. */
const MAX_FRAME = 65_536;

/**
 * Amazon's event stream (`application/vnd.amazon.eventstream`): frames of headers and a JSON
 * document. `InvokeModelWithResponseStream` wraps the model's own documents in Base64.
 */
export class EventStreamReader implements AnswerReader {
  readonly answer = new Answer();
  readonly isStream = true;
  #pending = Buffer.alloc(0);
  /** Bytes of a long frame that are still to come. */
  #skip = 0;

  read(chunk: Uint8Array): void {
    const skipped = Math.min(this.#skip, chunk.length);
    this.#skip -= skipped;
    this.#pending = Buffer.concat([this.#pending, chunk.subarray(skipped)]);
    while (this.#pending.length >= PRELUDE) {
      const length = this.#pending.readUInt32BE(0);
      if (length > MAX_FRAME) {
        this.#skip = Math.max(0, length - this.#pending.length);
        this.#pending = this.#pending.subarray(Math.min(length, this.#pending.length));
      } else if (length < PRELUDE + CHECKSUM) {
        // Whatever this is, it is not an event stream.
        this.#pending = Buffer.alloc(0);
      } else if (this.#pending.length >= length) {
        this.#readFrame(this.#pending.subarray(0, length));
        this.#pending = this.#pending.subarray(length);
      } else return;
    }
  }

  end(onRead: () => void): void {
    onRead();
  }

  #readFrame(frame: Buffer): void {
    const payloadAt = PRELUDE + frame.readUInt32BE(4);
    const headers = frame.toString('latin1', PRELUDE, payloadAt);
    const exception = /\b[a-z]\w*Exception\b/.exec(headers)?.[0];
    if (exception !== undefined) this.answer.add({ error: { type: exception } });
    const document = parseJson(frame.toString('utf8', payloadAt, frame.length - CHECKSUM));
    // The last event, after which the connection may close as it likes.
    if (headers.includes('metadata')) this.answer.isFinished = true;
    const { bytes } = (document ?? {}) as { bytes?: unknown };
    this.answer.add(
      typeof bytes === 'string' ? parseJson(Buffer.from(bytes, 'base64').toString()) : document,
    );
  }
}
