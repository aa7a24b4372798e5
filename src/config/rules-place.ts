/** A place in a text, both counted from 1. */
export interface LineAndColumn {
  readonly line: number;
  readonly column: number;
}

const WHITE_SPACE = /[ \t\r\n]*/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;
const SCALAR = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/** Where the values of a JSON text stand, and where it stops being JSON. */
export interface JsonPlaces {
  /** Undefined when the whole text is JSON. */
  readonly brokenAt: LineAndColumn | undefined;
  /**
   * Where the value that a JSON pointer names stands: a member at its name, an item at its
   * start. Of a name that comes twice it is the last, the one that is read.
   */
  of(pointer: string): LineAndColumn;
}

/** Looks through a text; `JSON.parse` of Node 20 names no place. */
export function placesIn(json: string): JsonPlaces {
  const scan = new Scan(json);
  const brokenAt = scan.run();
  return {
    brokenAt: brokenAt === undefined ? undefined : lineAndColumn(json, brokenAt),
    of: (pointer) => lineAndColumn(json, scan.offsets.get(pointer) ?? 0),
  };
}

function lineAndColumn(text: string, offset: number): LineAndColumn {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

class Scan {
  /** The offset of every value by its pointer. */
  readonly offsets = new Map<string, number>();
  readonly #json: string;
  #index = 0;

  constructor(json: string) {
    this.#json = json;
  }

  /** Gives the offset at which something else should stand, or undefined when nothing should. */
  run(): number | undefined {
    const whole = this.#value('');
    this.#take(WHITE_SPACE);
    return whole && this.#index === this.#json.length ? undefined : this.#index;
  }

  /** Every step is false when what should be there is not. */
  #value(pointer: string): boolean {
    this.#take(WHITE_SPACE);
    if (!this.offsets.has(pointer)) this.offsets.set(pointer, this.#index);
    if (this.#is('{')) return this.#all('}', () => this.#member(pointer));
    if (this.#is('[')) return this.#all(']', (i) => this.#value(`${pointer}/${i}`));
    return this.#take(STRING) !== '' || this.#take(SCALAR) !== '';
  }

  #all(closing: string, one: (position: number) => boolean): boolean {
    this.#take(WHITE_SPACE);
    if (this.#is(closing)) return true;
    for (let position = 0; one(position); position++) {
      this.#take(WHITE_SPACE);
      if (this.#is(closing)) return true;
      if (!this.#is(',')) return false;
    }
    return false;
  }

  #member(object: string): boolean {
    this.#take(WHITE_SPACE);
    const start = this.#index;
    const text = this.#take(STRING);
    if (text === '') return false;
    const name = (JSON.parse(text) as string).replaceAll('~', '~0').replaceAll('/', '~1');
    this.offsets.set(`${object}/${name}`, start);
    this.#take(WHITE_SPACE);
    return this.#is(':') && this.#value(`${object}/${name}`);
  }

  #is(character: string): boolean {
    if (this.#json[this.#index] !== character) return false;
    this.#index++;
    return true;
  }

  #take(token: RegExp): string {
    token.lastIndex = this.#index;
    const taken = token.exec(this.#json)?.[0] ?? '';
    this.#index += taken.length;
    return taken;
  }
}
