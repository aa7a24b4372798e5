import { renderOpenMetrics } from '../../src/exposition/open-metrics.js';
import { renderText, type ExpositionFamily } from '../../src/exposition/text.js';
import { TextWriter } from '../../src/exposition/text-writer.js';
import type { RowValues } from '../../src/ledger/row-index.js';
import type { TableSnapshot } from '../../src/ledger/table.js';

/** What was written, as one text. */
export function written(write: (writer: TextWriter) => Iterable<void>): string {
  const writer = new TextWriter();
  const pieces = write(writer)[Symbol.iterator]();
  while (pieces.next().done !== true);
  return Buffer.concat(writer.finish()).toString('utf8');
}

/** Families in the text format 0.0.4. */
export function textOf(families: Iterable<ExpositionFamily>): string {
  return written((writer) => renderText(families, writer));
}

/** Families in OpenMetrics 1.0. */
export function openMetricsOf(families: Iterable<ExpositionFamily>): string {
  return written((writer) => renderOpenMetrics(families, writer));
}

/** The samples of one family; none of one that is not there. */
export function samplesOf(family: ExpositionFamily | undefined): string {
  return family === undefined ? '' : written((writer) => family.writeSamples(writer));
}

/** A family whose samples are known beforehand. */
export function familyOf(
  described: Omit<ExpositionFamily, 'writeSamples'> & { samples: string },
): ExpositionFamily {
  const { samples, ...family } = described;
  return {
    ...family,
    writeSamples: (writer) => {
      writer.text(samples);
      return [];
    },
  };
}

/** The attribute values of every row of a table. */
export function rowsOf({ size, valuesOf }: TableSnapshot): RowValues[] {
  return Array.from({ length: size }, (_, row) => valuesOf(row));
}
