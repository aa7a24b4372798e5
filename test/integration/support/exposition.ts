import assert from 'node:assert/strict';

export interface Sample {
  /** Name and labels as they are written. */
  readonly text: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly samples: readonly Sample[];
}

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)",?/gy;

/**
 * Reads the text format 0.0.4 as strictly as our own documents have it: HELP, TYPE, then
 * the family's samples, nothing else.
 */
export function parseExposition(text: string): Family[] {
  assert.ok(text.endsWith('\n'), 'a final line feed');
  const families: { name: string; help: string; type: string; samples: Sample[] }[] = [];
  for (const line of text.slice(0, -1).split('\n')) {
    const family = families.at(-1);
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (kind === 'HELP') {
      assert.ok(!families.some((known) => known.name === name), `${name} stands twice`);
      families.push({ name, help: rest, type: '', samples: [] });
    } else if (kind === 'TYPE') {
      assert.ok(family?.name === name && family.type === '', `TYPE of ${name} after its HELP`);
      family.type = rest;
    } else {
      const sample = parseSample(line);
      const base = family?.type === 'histogram' ? /_(bucket|sum|count)$/ : /$/;
      assert.equal(sample.name.replace(base, ''), family?.name, `${line} is out of place`);
      family?.samples.push(sample);
    }
  }
  return families;
}

function parseSample(line: string): Sample {
  const [, name = '', labelText = '', value] = SAMPLE.exec(line) ?? [];
  assert.ok(value !== undefined, `not a sample: ${JSON.stringify(line)}`);
  const labels = Object.fromEntries(
    [...labelText.matchAll(LABEL)].map(([, key = '', escaped = '']) => [
      key,
      escaped.replaceAll(/\\(.)/g, (_, char) => (char === 'n' ? '\n' : String(char))),
    ]),
  );
  return { text: line.slice(0, line.lastIndexOf(' ')), name, labels, value: toNumber(value) };
}

function toNumber(value: string): number {
  return value === '+Inf' ? Infinity : Number(value);
}

export interface Scrape {
  readonly text: string;
  readonly families: readonly Family[];
  /** The value of a sample by its name and labels as they are written. */
  value(sample: string): number | undefined;
}

/** Scrapes a path that answers in the text format. */
export async function scrape(url: string, headers: Record<string, string> = {}): Promise<Scrape> {
  const response = await fetch(url, { headers });
  const text = await response.text();
  assert.equal(response.status, 200, text);
  const families = parseExposition(text);
  const values = new Map(
    families.flatMap(({ samples }) => samples.map((sample) => [sample.text, sample.value])),
  );
  return { text, families, value: (sample) => values.get(sample) };
}
