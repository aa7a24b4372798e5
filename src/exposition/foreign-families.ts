import type { ExpositionFamily } from './text.js';

/** Lines that are written before somebody else may have a turn. */
const SLICE = 512;
const METADATA = /^# (?<kind>HELP|TYPE|UNIT) (?<name>\S+) ?(?<text>.*)$/;

interface ForeignFamily {
  readonly type: string;
  readonly help: string;
  readonly lines: string[];
}

/**
 * Reads what the stock Prometheus serializer wrote, slice by slice, into families of one name
 * each. It writes HELP and TYPE once for each scope that has an instrument and for each slice,
 * and Prometheus refuses a name that has two. The first description of a name stands.
 */
export class ForeignFamilies {
  readonly #families = new Map<string, ForeignFamily>();
  readonly #onConflict: (name: string) => void;

  /**
   * @param onConflict told of a name that a second scope has with another type; its samples
   * are left out, because no format can show one name with two types.
   */
  constructor(onConflict: (name: string) => void) {
    this.#onConflict = onConflict;
  }

  /** @param text whole lines. */
  read(text: string): void {
    let help = '';
    let lines: string[] | undefined;
    for (const line of text.split('\n')) {
      if (!line.startsWith('#')) {
        if (line !== '') lines?.push(line);
        continue;
      }
      // UNIT is but a comment in 0.0.4, and in OpenMetrics the name would have to end in it.
      const { kind, name = '', text: rest = '' } = METADATA.exec(line)?.groups ?? {};
      if (kind === 'HELP') help = unescapeHelp(rest);
      if (kind !== 'TYPE') continue;
      lines = this.#linesOf(name, { type: rest, help });
      help = '';
    }
  }

  families(): ExpositionFamily[] {
    return [...this.#families].map(([name, { type, help, lines }]) => ({
      name,
      type,
      help,
      *writeSamples(writer) {
        for (const [i, line] of lines.entries()) {
          writer.text(`${line}\n`);
          if (i % SLICE === SLICE - 1) yield;
        }
      },
    }));
  }

  /** Where the samples of a name go; undefined where it has another type already. */
  #linesOf(name: string, { type, help }: { type: string; help: string }): string[] | undefined {
    const known = this.#families.get(name);
    if (known === undefined) {
      const lines: string[] = [];
      this.#families.set(name, { type, help, lines });
      return lines;
    }
    if (known.type === type) return known.lines;
    this.#onConflict(name);
    return undefined;
  }
}

function unescapeHelp(text: string): string {
  return text.replaceAll(/\\(\\|n)/g, (_, escaped) => (escaped === 'n' ? '\n' : '\\'));
}
