import type {
  DocumentedFamily,
  DocumentedLabel,
  FactSource,
  LedgerSource,
} from '../catalog/documented.js';
import { INSTRUMENTS } from '../catalog/instruments.js';
import type { LedgerSnapshot } from '../ledger/ledger.js';
import type { RowValues } from '../ledger/table.js';
import { sampleName } from './text.js';

/** One series of a documented family. */
export interface Series {
  /** Label values in the order of the family's labels. */
  readonly labelValues: readonly string[];
  /** The sample's name with its labels, rendered once. */
  readonly name: string;
}

/** A ledger row that a family leaves out. */
const LEFT_OUT = -1;
const KEY_SEPARATOR = '\u001f';

/**
 * How one documented family is read from the ledger: which rows belong to which series,
 * and in which order the series stand. Rows are only ever added, so what was worked out
 * for a row, its label text above all, is kept from scrape to scrape.
 */
export class FamilyView {
  readonly family: DocumentedFamily;
  readonly labels: readonly DocumentedLabel[];
  readonly #series: Series[] = [];
  readonly #seriesByKey = new Map<string, number>();
  readonly #seriesOfRow: number[] = [];
  #order: number[] = [];

  /** @param options.without a label to sum away. */
  constructor(family: DocumentedFamily, options: { without?: string | undefined } = {}) {
    this.family = family;
    this.labels = family.labels.filter(({ name }) => name !== options.without);
    for (const labelValues of closedCombinations(this.labels)) this.#seriesFor(labelValues);
    this.#order = this.#series.map((_, index) => index);
  }

  /** Every series with its value, in the document's order. */
  *read(snapshot: LedgerSnapshot): Generator<{ series: Series; value: number }> {
    const values = this.#values(snapshot);
    for (const index of this.#order) {
      const series = this.#series[index];
      if (series !== undefined) yield { series, value: values[index] ?? 0 };
    }
  }

  /** The family's samples as exposition text. */
  samples(snapshot: LedgerSnapshot): string {
    const values = this.#values(snapshot);
    let text = '';
    for (const index of this.#order) {
      text += `${this.#series[index]?.name ?? ''} ${values[index] ?? 0}\n`;
    }
    return text;
  }

  /** The value of a family that has no labels. */
  single(snapshot: LedgerSnapshot): number {
    return this.#values(snapshot)[0] ?? 0;
  }

  #values(snapshot: LedgerSnapshot): Float64Array {
    const { source } = this.family;
    if ('fact' in source) return Float64Array.of(factOf(source, snapshot));
    this.#learnRows(source, snapshot);
    const { size, values, sums } = snapshot.tables[source.instrument];
    const cells = source.field === 'sum' ? sums : values;
    const totals = new Float64Array(this.#series.length);
    for (let row = 0; row < size; row++) {
      const series = this.#seriesOfRow[row] ?? LEFT_OUT;
      if (series !== LEFT_OUT) totals[series] = (totals[series] ?? 0) + (cells[row] ?? 0);
    }
    // Millisecond sums are kept with their fractions and are integers on the wire.
    if (source.field === 'sum') totals.forEach((total, i) => (totals[i] = Math.floor(total)));
    return totals;
  }

  #learnRows(source: LedgerSource, snapshot: LedgerSnapshot): void {
    const { size, rows } = snapshot.tables[source.instrument];
    const known = this.#series.length;
    const assign = seriesKeyOf(source, this.labels);
    for (let row = this.#seriesOfRow.length; row < size; row++) {
      const labelValues = assign(rows[row] ?? []);
      this.#seriesOfRow.push(labelValues === undefined ? LEFT_OUT : this.#seriesFor(labelValues));
    }
    if (this.#series.length > known) this.#sort(snapshot);
  }

  #seriesFor(labelValues: readonly string[]): number {
    const key = labelValues.join(KEY_SEPARATOR);
    const existing = this.#seriesByKey.get(key);
    if (existing !== undefined) return existing;
    const index = this.#series.length;
    const labels = this.labels.map(({ name }, i) => ({ name, value: labelValues[i] ?? '' }));
    this.#series.push({ labelValues, name: sampleName(this.family.name, labels) });
    this.#seriesByKey.set(key, index);
    return index;
  }

  /** Open labels by first appearance, closed ones as the document lists them. */
  #sort(snapshot: LedgerSnapshot): void {
    const ranks = this.#series.map(({ labelValues }) =>
      this.labels.map(({ values, attribute }, i) => {
        const value = labelValues[i] ?? '';
        return values === null ? snapshot.orderOf(attribute, value) : values.indexOf(value);
      }),
    );
    this.#order = this.#series
      .map((_, index) => index)
      .sort((a, b) => compareRanks(ranks[a] ?? [], ranks[b] ?? []));
  }
}

function factOf({ fact }: FactSource, { startTimeMs, timeMs }: LedgerSnapshot): number {
  return fact === 'up' ? 1 : Math.floor((timeMs - startTimeMs) / 1000);
}

/** Makes the function from a row to its label values; undefined leaves the row out. */
function seriesKeyOf(
  { instrument, only }: LedgerSource,
  labels: readonly DocumentedLabel[],
): (row: RowValues) => readonly string[] | undefined {
  const positionOf = (attribute: string): number =>
    INSTRUMENTS[instrument].attributes.findIndex(({ key }) => key === attribute);
  const positions = labels.map(({ attribute }) => positionOf(attribute));
  const filter = only && { ...only, position: positionOf(only.attribute) };
  return (row) => {
    if (filter !== undefined && !filter.matches(row[filter.position] ?? '')) return undefined;
    const labelValues: string[] = [];
    for (const [i, label] of labels.entries()) {
      const value = labelValueOf(label, row[positions[i] ?? -1] ?? '');
      if (value === undefined) return undefined;
      labelValues.push(value);
    }
    return labelValues;
  };
}

/** The label value that stands for an attribute's; undefined outside a closed set. */
function labelValueOf(label: DocumentedLabel, attributeValue: string): string | undefined {
  if (label.values === null) return attributeValue;
  return label.values[(label.attributeValues ?? label.values).indexOf(attributeValue)];
}

/** All label values of a family without an open label; none for the others. */
function closedCombinations(labels: readonly DocumentedLabel[]): string[][] {
  let combinations: string[][] = [[]];
  for (const { values } of labels) {
    if (values === null) return [];
    combinations = combinations.flatMap((head) => values.map((value) => [...head, value]));
  }
  return combinations;
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  for (const [i, rank] of a.entries()) {
    const difference = rank - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
