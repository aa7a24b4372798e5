import { Answer, type AnswerReader } from './answer.js';
import { CapturedBytes } from './captured-bytes.js';
import { readDocument } from './document-reader.js';
import { parseJson } from './json.js';

/** What may be worth a look in a document of a stream: most of them are a few words of text. */
const TELLING =
  /"usage\w*":\s*\{|eval_count"|eason":\s*"|"error"|"billed_units"|message_stop|"response\.(?:c|f|i)/;

/** Server-sent events and lines of JSON: each line with data is a document of its own. */
export class LineReader implements AnswerReader {
  readonly answer = new Answer();
  readonly isStream = true;
  /** A line that has begun and not ended. */
  readonly #line = new CapturedBytes();

  read(chunk: Uint8Array): void {
    let from = 0;
    for (let to; (to = chunk.indexOf(LF, from)) !== -1; from = to + 1) {
      const rest = chunk.subarray(from, to);
      if (this.#line.isEmpty)
        this.#readLine(Buffer.from(rest.buffer, rest.byteOffset, rest.length));
      else {
        this.#line.add(rest);
        this.#readLongLine();
      }
    }
    if (from < chunk.length) this.#line.add(chunk.subarray(from));
  }

  end(onRead: () => void): void {
    this.#readLongLine();
    onRead();
  }

  #readLongLine(): void {
    if (this.#line.isWhole) this.#readLine(this.#line.head());
    else readDocument(this.#line, this.answer);
    this.#line.clear();
  }

  #readLine(line: Buffer): void {
    const bytes = line.toString('latin1');
    const at = bytes.startsWith(DATA) ? DATA.length : 0;
    const data = bytes.slice(at).trim();
    // OpenAI's last event, which those who speak its protocol send as well.
    if (data === '[DONE]') this.answer.isFinished = true;
    const isWanted = this.answer.model === undefined || TELLING.test(data);
    if (isWanted && data.startsWith('{')) this.answer.add(parseJson(line.toString('utf8', at)));
  }
}

const LF = 10;
const DATA = 'data:';
