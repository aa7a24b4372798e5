import type {
  DocumentedFamily,
  DocumentedLabel,
  FactSource,
  LedgerSource,
} from '../catalog/documented.js';
import { INSTRUMENTS } from '../catalog/instruments.js';
import type { LedgerSnapshot } from '../ledger/ledger.js';
import type { RowValues } from '../ledger/row-index.js';
import type { LabelTexts } from './label-texts.js';
import { SeriesLayout } from './series-layout.js';
import type { TextWriter } from './text-writer.js';

/** A ledger row that a family leaves out. */
const LEFT_OUT = -1;
/** Rows or values of an open label that are gone through before somebody else may have a turn. */
const SLICE = 256;

/** What a family shows of a snapshot, by the position of its series. */
interface Shown {
  readonly values: Float64Array;
  /** Whether a series is shown: those of an open label's values are when they were observed. */
  readonly seen: Uint8Array;
}

/**
 * How one documented family is read from the ledger: which rows belong to which series. Rows
 * are only ever added, so what was worked out for a row is kept from scrape to scrape.
 */
export class FamilyView {
  readonly family: DocumentedFamily;
  readonly #layout: SeriesLayout;
  readonly #texts: LabelTexts;
  readonly #positionOfRow: number[] = [];

  /**
   * @param options.without a label to sum away.
   * @param options.textsOf gives the texts of an open label's values, by its attribute.
   */
  constructor(
    family: DocumentedFamily,
    options: { without?: string | undefined; textsOf: (attribute: string) => LabelTexts },
  ) {
    this.family = family;
    const labels = family.labels.filter(({ name }) => name !== options.without);
    this.#layout = new SeriesLayout(family, labels);
    this.#texts = options.textsOf(this.#layout.open?.attribute ?? '');
  }

  get labels(): readonly DocumentedLabel[] {
    return this.#layout.labels;
  }

  /** Every series with its value, in the document's order. */
  *read(snapshot: LedgerSnapshot): Generator<{ labelValues: readonly string[]; value: number }> {
    const learning = this.#learnRows(snapshot);
    while (learning.next().done !== true);
    const { values, seen } = this.#show(snapshot);
    const domain = this.#domain(snapshot);
    const { width } = this.#layout;
    const places = values.length / width;
    for (let place = 0; place < places; place++) {
      const from = this.#layout.rankAt(place, places) * width;
      for (let position = from; position < from + width; position++) {
        if (seen[position] === 0) continue;
        const labelValues = this.#layout.labelValuesAt(position, domain);
        yield { labelValues, value: values[position] ?? 0 };
      }
    }
  }

  /** Writes the family's samples in the text format 0.0.4, and pauses between slices. */
  *writeSamples(snapshot: LedgerSnapshot, writer: TextWriter): Generator<void> {
    yield* this.#learnRows(snapshot);
    const { values, seen } = this.#show(snapshot);
    const domain = this.#domain(snapshot);
    const { width, texts } = this.#layout;
    const places = values.length / width;
    for (let place = 0; place < places; place++) {
      const rank = this.#layout.rankAt(place, places);
      let open: Uint8Array | undefined;
      for (let combination = 0; combination < width; combination++) {
        const position = rank * width + combination;
        const text = texts[combination];
        if (seen[position] === 0 || text === undefined) continue;
        writer.bytes(text.head);
        if (domain !== undefined) {
          open ??= this.#texts.textOf(domain, rank);
          writer.bytes(open);
          writer.bytes(text.tail);
        }
        writer.value(values[position] ?? 0);
      }
      if (place % SLICE === SLICE - 1) yield;
    }
  }

  /** The value of a family that has no labels. */
  single(snapshot: LedgerSnapshot): number {
    for (const { value } of this.read(snapshot)) return value;
    return 0;
  }

  #domain(snapshot: LedgerSnapshot): ReturnType<LedgerSnapshot['valuesOf']> | undefined {
    const { open } = this.#layout;
    return open && snapshot.valuesOf(open.attribute);
  }

  /** Works out where rows that are new belong. Another scrape may do so at the same time. */
  *#learnRows(snapshot: LedgerSnapshot): Generator<void> {
    const { source } = this.family;
    if ('fact' in source) return;
    const { size, valuesOf } = snapshot.tables[source.instrument];
    const labelValuesOf = labelValuesReader(source, this.labels);
    while (this.#positionOfRow.length < size) {
      const labelValues = labelValuesOf(valuesOf(this.#positionOfRow.length));
      const position = labelValues && this.#layout.positionOf(labelValues, snapshot);
      this.#positionOfRow.push(position ?? LEFT_OUT);
      if (this.#positionOfRow.length % SLICE === 0) yield;
    }
  }

  #show(snapshot: LedgerSnapshot): Shown {
    const { source } = this.family;
    if ('fact' in source) {
      return { values: Float64Array.of(factOf(source, snapshot)), seen: Uint8Array.of(1) };
    }
    const { size, values, sums } = snapshot.tables[source.instrument];
    const { width, open } = this.#layout;
    let last = width - 1;
    for (let row = 0; row < size; row++) last = Math.max(last, this.#positionOfRow[row] ?? 0);
    const end = (Math.floor(last / width) + 1) * width;
    const totals = new Float64Array(end);
    const seen = new Uint8Array(end).fill(open === undefined ? 1 : 0);
    const cells = source.field === 'sum' ? sums : values;
    for (let row = 0; row < size; row++) {
      const position = this.#positionOfRow[row] ?? LEFT_OUT;
      if (position === LEFT_OUT) continue;
      totals[position] = (totals[position] ?? 0) + (cells[row] ?? 0);
      seen[position] = 1;
    }
    // Millisecond sums are kept with their fractions and are integers on the wire.
    if (source.field === 'sum') {
      for (let i = 0; i < end; i++) totals[i] = Math.floor(totals[i] ?? 0);
    }
    return { values: totals, seen };
  }
}

function factOf({ fact }: FactSource, { startTimeMs, timeMs }: LedgerSnapshot): number {
  return fact === 'up' ? 1 : Math.floor((timeMs - startTimeMs) / 1000);
}

/** Makes the function from a row to its label values; undefined leaves the row out. */
function labelValuesReader(
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
