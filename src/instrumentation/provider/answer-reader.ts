import { Answer, type AnswerReader } from './answer.js';
import { CompressedReader } from './compressed-reader.js';
import { DocumentReader } from './document-reader.js';
import { EventStreamReader } from './event-stream.js';
import { LineReader } from './line-reader.js';

/** A reader for a body by its `Content-Type` and `Content-Encoding`. */
export function createAnswerReader(contentType: string, encoding: string): AnswerReader {
  const reader = createPlainReader(contentType.toLowerCase());
  const coding = encoding.trim().toLowerCase();
  return coding === '' || coding === 'identity' ? reader : new CompressedReader(reader, coding);
}

function createPlainReader(contentType: string): AnswerReader {
  if (/^text\/event-stream|ndjson|jsonl|stream\+json/.test(contentType)) return new LineReader();
  if (contentType.startsWith('application/vnd.amazon.eventstream')) return new EventStreamReader();
  return contentType.includes('json') ? new DocumentReader() : new UnreadBody();
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
