import type { DocumentedFamily, DocumentedLabel } from '../catalog/documented.js';
import type { Domain } from '../ledger/domain.js';
import { OVERFLOW_RANK } from '../ledger/interner.js';
import type { LedgerSnapshot } from '../ledger/ledger.js';
import { sampleName } from './text.js';

/** The text of a sample up to its value, but for the value of an open label. */
interface SampleText {
  readonly head: Uint8Array;
  readonly tail: Uint8Array;
}

/** Stands in a sample's text for the value of the open label; no label value has a NUL. */
const HOLE = '\0';

/**
 * Where each series of a family stands. The values of an open label come in the order in
 * which they appeared and those of closed labels as the document lists them, so a series has
 * a position of its own: that of its open value, times the combinations of closed values, and
 * its own combination. To go through the positions is to go through the document's order.
 */
export class SeriesLayout {
  readonly labels: readonly DocumentedLabel[];
  /** The label that may have any value; no document has two in one family. */
  readonly open: DocumentedLabel | undefined;
  /** Series that one value of the open label has at the most; all series without one. */
  readonly width: number;
  readonly #combinations: readonly (readonly string[])[];
  /** By combination. */
  readonly texts: readonly SampleText[];

  constructor(family: DocumentedFamily, labels: readonly DocumentedLabel[]) {
    this.labels = labels;
    this.open = labels.find(({ values }) => values === null);
    this.#combinations = combinationsOf(labels);
    this.width = this.#combinations.length;
    this.texts = this.#combinations.map((values) => sampleText(family.name, labels, values));
  }

  /** The position of label values; undefined for one outside a closed set. */
  positionOf(labelValues: readonly string[], snapshot: LedgerSnapshot): number | undefined {
    let rank = 0;
    let combination = 0;
    for (const [i, { values, attribute }] of this.labels.entries()) {
      const value = labelValues[i] ?? '';
      if (values === null) {
        rank = snapshot.valuesOf(attribute).rankOf(value);
        continue;
      }
      const at = values.indexOf(value);
      if (at === -1) return undefined;
      combination = combination * values.length + at;
    }
    return rank * this.width + combination;
  }

  /**
   * The number of the open label's value whose series come at a place, of so many places: by
   * first appearance, and what was folded last.
   */
  rankAt(place: number, places: number): number {
    if (this.open === undefined) return 0;
    return place === places - 1 ? OVERFLOW_RANK : place + OVERFLOW_RANK + 1;
  }

  labelValuesAt(position: number, domain: Domain | undefined): readonly string[] {
    const rank = Math.floor(position / this.width);
    const values = this.#combinations[position % this.width] ?? [];
    return values.map((value) => (value === HOLE ? (domain?.valueAt(rank) ?? '') : value));
  }
}

/** The combinations of closed values in the document's order, with a hole for an open one. */
function combinationsOf(labels: readonly DocumentedLabel[]): string[][] {
  let combinations: string[][] = [[]];
  for (const { values } of labels) {
    combinations = combinations.flatMap((head) =>
      (values ?? [HOLE]).map((value) => [...head, value]),
    );
  }
  return combinations;
}

function sampleText(
  name: string,
  labels: readonly DocumentedLabel[],
  values: readonly string[],
): SampleText {
  const pairs = labels.map((label, i) => ({ name: label.name, value: values[i] ?? '' }));
  const [head = '', tail = ''] = `${sampleName(name, pairs)} `.split(HOLE);
  return { head: Buffer.from(head, 'utf8'), tail: Buffer.from(tail, 'utf8') };
}
