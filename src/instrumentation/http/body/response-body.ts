import { createDecoder, type Decoder } from './decoder.js';
import { eventSink, jsonSink, lastEventsSink, type BodySink } from './sinks.js';
import type { OnEvent } from './event-reader.js';
import { tapBody, type BodyTarget, type Chunk } from './tap.js';

/**
 * The body of one response, read along while its host writes it. Who wants to read says so
 * when the headers are known; when nobody does, the host's functions are put back at once.
 */
export class ResponseBody {
  readonly #sinks: BodySink[] = [];
  #decoder: Decoder | undefined;
  readonly #guard: (read: () => void) => void;
  readonly #untap: () => void;
  #onRead: (() => void) | undefined;
  #state: 'open' | 'ended' | 'read' = 'open';

  /** @param guard calls what may fail, and lets nothing out: it runs in the host's calls. */
  constructor(target: BodyTarget, guard: (read: () => void) => void) {
    this.#guard = guard;
    this.#untap = tapBody(target, {
      onChunk: (chunk, encoding) => {
        guard(() => {
          if (this.#decoder !== undefined) this.#decoder.write(chunk, encoding);
          else this.#take(chunk, encoding);
        });
      },
      onEnd: () => {
        guard(() => {
          this.#end();
        });
      },
    });
  }

  /** Gives the JSON of a small body when it is complete, undefined of any other. */
  json(onJson: (json: unknown) => void): void {
    this.#sinks.push(jsonSink(onJson));
  }

  /** Gives each event as it is sent. */
  events(onEvent: OnEvent): void {
    this.#sinks.push(eventSink(onEvent));
  }

  /** Gives the last events when the stream has ended. */
  lastEvents(onEvent: OnEvent): void {
    this.#sinks.push(lastEventsSink(onEvent));
  }

  /** The headers are known, and who wants to read has said so. */
  start(contentEncoding: string | undefined): void {
    if (this.#sinks.length === 0) this.#untap();
    else {
      this.#decoder = createDecoder(contentEncoding, (decoded) => {
        this.#guard(() => {
          this.#take(decoded, undefined);
        });
      });
    }
  }

  /** The response is over, whole or not; calls back when all of it has been read. */
  close(onRead: () => void): void {
    this.#end();
    if (this.#state === 'read') onRead();
    else this.#onRead = onRead;
  }

  #take(chunk: Chunk, encoding: BufferEncoding | undefined): void {
    for (const sink of this.#sinks) sink.chunk(chunk, encoding);
  }

  #end(): void {
    if (this.#state !== 'open') return;
    this.#state = 'ended';
    this.#untap();
    if (this.#decoder === undefined) this.#finish();
    else {
      this.#decoder.end(() => {
        this.#guard(() => {
          this.#finish();
        });
      });
    }
  }

  #finish(): void {
    this.#state = 'read';
    for (const sink of this.#sinks) this.#guard(sink.end);
    this.#onRead?.();
  }
}
