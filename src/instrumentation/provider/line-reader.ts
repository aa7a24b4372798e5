import { viewOf } from '../bytes.js';
import { Answer, type AnswerReader } from './answer.js';
import { CapturedBytes } from './captured-bytes.js';
import { readDocument } from './document-reader.js';
import { parseJson } from './json.js';

/** What may be worth a look in a document of a stream: most of them are a few words of text. */
const TELLING =
  /"usage\w*":\s*\{|eval_count"|eason":\s*"|"error"|"billed_units"|message_stop|"response\.[cfi]|\[DONE\]/g;

/** Bytes that are gathered before they are looked at: as many as come from Buffer's own pool. */
const MOST = 4000;

const LF = 0x0a;
const DATA = 'data:';

/**
 * Server-sent events and lines of JSON: each line with data is a document of its own. A stream
 * comes in hundreds of pieces of a few words, and nobody asks what it said before its end: so
 * its bytes are gathered, and many pieces cost one look.
 */
export class LineReader implements AnswerReader {
  readonly isStream = true;
  readonly #answer = new Answer();
  /** Copies: a client library may hand the memory on to a stream that takes it away. */
  readonly #gathered = Buffer.allocUnsafe(MOST);
  #size = 0;
  /** A line that has begun and not ended. */
  readonly #line = new CapturedBytes();

  get answer(): Answer {
    this.#lookAtGathered();
    return this.#answer;
  }

  read(chunk: Uint8Array): void {
    if (this.#size + chunk.length > MOST) this.#lookAtGathered();
    if (chunk.length > MOST) {
      this.#look(viewOf(chunk));
      return;
    }
    this.#gathered.set(chunk, this.#size);
    this.#size += chunk.length;
  }

  end(onRead: () => void): void {
    this.#lookAtGathered();
    this.#readLongLine();
    onRead();
  }

  #lookAtGathered(): void {
    const bytes = this.#gathered.subarray(0, this.#size);
    this.#size = 0;
    if (bytes.length > 0) this.#look(bytes);
  }

  #look(bytes: Buffer): void {
    let from = 0;
    if (!this.#line.isEmpty) {
      const to = bytes.indexOf(LF);
      this.#line.add(bytes.subarray(0, to === -1 ? undefined : to));
      if (to === -1) return;
      this.#readLongLine();
      from = to + 1;
    }
    const end = Math.max(from, bytes.lastIndexOf(LF) + 1);
    this.#readLines(bytes.toString('latin1', from, end));
    if (end < bytes.length) this.#line.add(bytes.subarray(end));
  }

  #readLongLine(): void {
    if (this.#line.isEmpty) return;
    if (this.#line.isWhole) this.#readLines(this.#line.head().toString('latin1'));
    else readDocument(this.#line, this.#answer);
    this.#line.clear();
  }

  /** What is looked for in a line is ASCII, whatever the rest of it is. */
  #readLines(text: string): void {
    for (let at = this.#nextTelling(text, 0); at !== -1;) {
      const to = text.indexOf('\n', at);
      const end = to === -1 ? text.length : to;
      this.#readLine(text.slice(text.lastIndexOf('\n', at - 1) + 1, end));
      at = this.#nextTelling(text, end + 1);
    }
  }

  /** Where something stands that is worth a look: until the model is known, everything is. */
  #nextTelling(text: string, from: number): number {
    if (from >= text.length) return -1;
    if (this.#answer.model === undefined) return from;
    TELLING.lastIndex = from;
    return TELLING.exec(text)?.index ?? -1;
  }

  #readLine(line: string): void {
    const data = line.slice(line.startsWith(DATA) ? DATA.length : 0).trim();
    // OpenAI's last event, which those who speak its protocol send as well.
    if (data === '[DONE]') this.#answer.isFinished = true;
    else if (data.startsWith('{')) this.#answer.add(parseJson(data));
  }
}
