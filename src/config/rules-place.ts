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
  /** Whether it was not looked through any further, because no rule is nested so deeply. */
  readonly isTooDeep: boolean;
  /** The pointers of the members whose name comes twice, by which all but one are lost. */
  readonly repeated: readonly string[];
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
  const locate = createLocator(json);
  return {
    brokenAt: brokenAt === undefined ? undefined : locate(brokenAt),
    isTooDeep: scan.isTooDeep,
    repeated: [...scan.repeated],
    of: (pointer) => locate(scan.offsets.get(pointer) ?? 0),
  };
}

/** Lines are looked for once, however many places are asked for. */
function createLocator(text: string): (offset: number) => LineAndColumn {
  let starts: readonly number[] | undefined;
  return (offset) => {
    starts ??= lineStarts(text);
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** Deeper than any rule, and far from where a reader that calls itself breaks down. */
const MAX_DEPTH = 64;

class Scan {
  /** The offset of every value by its pointer. */
  readonly offsets = new Map<string, number>();
  readonly repeated = new Set<string>();
  isTooDeep = false;
  readonly #json: string;
  #index = 0;
  #depth = 0;

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
    if (this.#is('{')) {
      const names = new Set<string>();
      return this.#all('}', () => this.#member(pointer, names));
    }
    if (this.#is('[')) return this.#all(']', (i) => this.#value(`${pointer}/${i}`));
    return this.#take(STRING) !== '' || this.#take(SCALAR) !== '';
  }

  #all(closing: string, one: (position: number) => boolean): boolean {
    this.#take(WHITE_SPACE);
    if (this.#is(closing)) return true;
    if (this.#depth === MAX_DEPTH) {
      this.isTooDeep = true;
      return false;
    }
    this.#depth++;
    for (let position = 0; one(position); position++) {
      this.#take(WHITE_SPACE);
      if (this.#is(closing)) {
        this.#depth--;
        return true;
      }
      if (!this.#is(',')) return false;
    }
    return false;
  }

  #member(object: string, names: Set<string>): boolean {
    this.#take(WHITE_SPACE);
    const start = this.#index;
    const text = this.#take(STRING);
    if (text === '') return false;
    const name = (JSON.parse(text) as string).replaceAll('~', '~0').replaceAll('/', '~1');
    const pointer = `${object}/${name}`;
    if (names.has(name)) this.repeated.add(pointer);
    names.add(name);
    this.offsets.set(pointer, start);
    this.#take(WHITE_SPACE);
    return this.#is(':') && this.#value(pointer);
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
