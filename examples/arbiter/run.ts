import type { ServerResponse } from 'node:http';

/** What the `done` event says. */
export interface RunResult {
  readonly ok: boolean;
  readonly error?: string;
}

/**
 * The event stream of one run. Its frames are kept, so that any number of responses can
 * follow it: the one that started it, and replays that come while it runs or later.
 */
export class Run {
  readonly #frames: string[] = [];
  readonly #followers = new Set<ServerResponse>();
  #finished = false;

  /** Sends one event to everybody who follows. */
  send(event: string, data: object): void {
    const frame = `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
    this.#frames.push(frame);
    for (const response of this.#followers) response.write(frame);
  }

  /** Sends the `done` event and ends the responses. */
  finish(result: RunResult): void {
    this.send('done', result);
    this.#finished = true;
    for (const response of this.#followers) response.end();
    this.#followers.clear();
  }

  /** Answers with the stream: what was sent so far at once, then what is still to come. */
  streamTo(response: ServerResponse, headers: Record<string, string> = {}): void {
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      ...headers,
    });
    if (this.#finished) {
      response.end(this.#frames.join(''));
      return;
    }
    response.flushHeaders();
    for (const frame of this.#frames) response.write(frame);
    this.#followers.add(response);
    response.once('close', () => {
      this.#followers.delete(response);
    });
  }
}
