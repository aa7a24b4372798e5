import { Answer, type AnswerReader } from './answer.js';
import { CapturedBytes } from './captured-bytes.js';
import { jsonKey, parseJson, topLevelString } from './json.js';

/** A body that is one JSON document. */
export class DocumentReader implements AnswerReader {
  readonly answer = new Answer();
  readonly isStream = false;
  readonly #body = new CapturedBytes();

  read(chunk: Uint8Array): void {
    this.#body.add(chunk);
  }

  end(onRead: () => void): void {
    readDocument(this.#body, this.answer);
    onRead();
  }
}

const ID = jsonKey('id');
const MODEL = jsonKey('model');

/** Of a document that is too long to be kept, what stands at its start and at its end. */
export function readDocument(body: CapturedBytes, answer: Answer): void {
  const head = body.head();
  if (body.isWhole) {
    answer.add(parseJson(head.toString()));
    return;
  }
  answer.add({
    id: topLevelString(head, ID),
    model: topLevelString(head, MODEL),
    usage: lastUsage(body.tail().toString()),
  });
}

/**
 * The last object of usage in the end of a document. Quotes inside a text are escaped, so
 * that what a model wrote is never taken for a key.
 */
function lastUsage(text: string): unknown {
  const start = [...text.matchAll(/(?<!\\)"usage(?:Metadata)?"\s*:\s*(?=\{)/g)].at(-1);
  if (start === undefined) return undefined;
  const from = start.index + start[0].length;
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    if (text[at] === '{') depth++;
    else if (text[at] === '}' && --depth === 0) return parseJson(text.slice(from, at + 1));
  }
  return undefined;
}
