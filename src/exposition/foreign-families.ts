import type { ExpositionFamily } from './text.js';

/** Lines that are written before somebody else may have a turn. */
const SLICE = 512;
const METADATA = /^# (?<kind>HELP|TYPE|UNIT) (?<name>\S+) ?(?<text>.*)$/;

/**
 * Reads what the stock Prometheus serializer wrote into families of one name each. It
 * writes HELP and TYPE once for each scope that has an instrument, and Prometheus refuses
 * a name that has two. The first description of a name stands.
 *
 * @param onConflict told of a name that a second scope has with another type; its samples
 * are left out, because no format can show one name with two types.
 */
export function readFamilies(text: string, onConflict: (name: string) => void): ExpositionFamily[] {
  const families = new Map<string, { type: string; help: string; lines: string[] }>();
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
    const described = help;
    help = '';
    const known = families.get(name);
    if (known === undefined) {
      lines = [];
      families.set(name, { type: rest, help: described, lines });
    } else if (known.type === rest) {
      lines = known.lines;
    } else {
      lines = undefined;
      onConflict(name);
    }
  }
  return [...families].map(([name, family]) => ({
    name,
    type: family.type,
    help: family.help,
    *writeSamples(writer) {
      for (const [i, line] of family.lines.entries()) {
        writer.text(`${line}\n`);
        if (i % SLICE === SLICE - 1) yield;
      }
    },
  }));
}

function unescapeHelp(text: string): string {
  return text.replaceAll(/\\(\\|n)/g, (_, escaped) => (escaped === 'n' ? '\n' : '\\'));
}
