import { remembering } from '../remembering.js';
import { Answer, type AnswerReader } from './answer.js';
import { CompressedReader } from './compressed-reader.js';
import { DocumentReader } from './document-reader.js';
import { EventStreamReader } from './event-stream.js';
import { LineReader } from './line-reader.js';

/** A reader for a body by its `Content-Type` and `Content-Encoding`. */
export function createAnswerReader(contentType: string, encoding: string): AnswerReader {
  const reader = new (readerOf(contentType))();
  const coding = encoding.trim().toLowerCase();
  return coding === '' || coding === 'identity' ? reader : new CompressedReader(reader, coding);
}

/** Images, sounds: nothing in it is for us. */
class UnreadBody implements AnswerReader {
  readonly answer = new Answer();
  readonly isStream = false;
  read(): void {
    // Nothing is kept.
  }
  end(onRead: () => void): void {
    onRead();
  }
}

/** The reader for a body that is not compressed, by its `Content-Type`. */
const readerOf = remembering((contentType): new () => AnswerReader => {
  const type = contentType.toLowerCase();
  if (/^text\/event-stream|ndjson|jsonl|stream\+json/.test(type)) return LineReader;
  if (type.startsWith('application/vnd.amazon.eventstream')) return EventStreamReader;
  return type.includes('json') ? DocumentReader : UnreadBody;
});
