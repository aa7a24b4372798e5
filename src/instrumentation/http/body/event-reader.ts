/** Told of each event of a stream: its name (`message` when it has none) and its data. */
export type OnEvent = (name: string, data: string) => void;

/** Longest line and longest data that are kept, in UTF-16 code units. */
const MAX_KEPT = 65_536;
const SPACE = 0x20;

/**
 * Reads server-sent events from text as it comes, by the rules of the HTML standard: an
 * event ends at an empty line and counts if it has data; comments are no events.
 */
export class EventReader {
  readonly #onEvent: OnEvent;
  /** A line whose end has not come yet. */
  #line = '';
  /** Whether the text so far ended with a carriage return, which a line feed may follow. */
  #afterReturn = false;
  #name = '';
  #data: string | undefined;

  constructor(onEvent: OnEvent) {
    this.#onEvent = onEvent;
  }

  read(text: string): void {
    if (text === '') return;
    const fresh = this.#afterReturn && text.startsWith('\n') ? text.slice(1) : text;
    this.#afterReturn = text.endsWith('\r');
    // Nearly everybody ends lines with a line feed alone.
    const lines = fresh.includes('\r') ? fresh.replace(/\r\n|\r/g, '\n') : fresh;
    let from = 0;
    for (let to; (to = lines.indexOf('\n', from)) !== -1; from = to + 1) {
      this.#field(this.#continued(lines.slice(from, to)));
      this.#line = '';
    }
    this.#line = this.#continued(lines.slice(from));
  }

  #continued(part: string): string {
    return this.#line === '' && part.length <= MAX_KEPT
      ? part
      : (this.#line + part).slice(0, MAX_KEPT);
  }

  #field(line: string): void {
    if (line === '') {
      this.#dispatch();
      return;
    }
    const colon = line.indexOf(':');
    const name = colon === -1 ? line : line.slice(0, colon);
    if (name === 'event') this.#name = valueOf(line, colon);
    if (name !== 'data') return;
    const before = this.#data === undefined ? '' : `${this.#data}\n`;
    this.#data = (before + valueOf(line, colon)).slice(0, MAX_KEPT);
  }

  #dispatch(): void {
    const name = this.#name;
    const data = this.#data;
    this.#name = '';
    this.#data = undefined;
    if (data !== undefined) this.#onEvent(name === '' ? 'message' : name, data);
  }
}

function valueOf(line: string, colon: number): string {
  if (colon === -1) return '';
  return line.slice(line.charCodeAt(colon + 1) === SPACE ? colon + 2 : colon + 1);
}
