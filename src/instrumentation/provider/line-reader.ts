import { viewOf } from '../bytes.js';
import { Answer, type AnswerReader } from './answer.js';
import { CapturedBytes } from './captured-bytes.js';
import { readDocument } from './document-reader.js';
import { parseJson } from './json.js';

/** What may be worth a look in a document of a stream: most of them are a few words of text. */
const TELLING =
  /"usage\w*":\s*\{|eval_count"|eason":\s*"|"error"|"billed_units"|message_stop|"response\.[cfi]|\[DONE\]/;

/** Server-sent events and lines of JSON: each line with data is a document of its own. */
export class LineReader implements AnswerReader {
  readonly answer = new Answer();
  readonly isStream = true;
  /** A line that has begun and not ended. */
  readonly #line = new CapturedBytes();

  read(chunk: Uint8Array): void {
    const bytes = viewOf(chunk);
    // Most chunks are whole lines with nothing in them for us.
    if (
      this.#line.isEmpty &&
      bytes[bytes.length - 1] === LF &&
      !this.#isTelling(bytes.toString('latin1'))
    ) {
      return;
    }
    let from = 0;
    for (let to; (to = bytes.indexOf(LF, from)) !== -1; from = to + 1) {
      const rest = bytes.subarray(from, to);
      if (this.#line.isEmpty) this.#readLine(rest);
      else {
        this.#line.add(rest);
        this.#readLongLine();
      }
    }
    if (from < bytes.length) this.#line.add(bytes.subarray(from));
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
    const text = line.toString('latin1');
    const at = text.startsWith(DATA) ? DATA.length : 0;
    const data = text.slice(at).trim();
    // OpenAI's last event, which those who speak its protocol send as well.
    if (data === '[DONE]') this.answer.isFinished = true;
    else if (data.startsWith('{') && this.#isTelling(data)) {
      this.answer.add(parseJson(line.toString('utf8', at)));
    }
  }

  #isTelling(text: string): boolean {
    return this.answer.model === undefined || TELLING.test(text);
  }
}

const LF = 10;
const DATA = 'data:';
