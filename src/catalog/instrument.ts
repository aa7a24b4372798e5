/**
 * One attribute of a canonical instrument. `values` lists a closed set in the
 * order in which the documents show it; an open attribute has none.
 */
export interface AttributeDeclaration {
  readonly key: string;
  readonly values?: readonly string[];
  /** The conventions' type of the attribute; a string when absent. */
  readonly type?: 'int';
}

/**
 * A canonical OpenTelemetry instrument.
 *
 * A `histogram` without boundaries keeps sum and count alone. Its unit is the
 * second on the OpenTelemetry side; the ledger keeps its sum in milliseconds,
 * because the documents publish millisecond sums and both must come from one
 * number. `scale` is what turns the kept sum into the unit.
 */
export interface InstrumentDeclaration {
  readonly name: string;
  readonly kind: 'counter' | 'upDownCounter' | 'histogram';
  readonly unit: string;
  readonly description: string;
  readonly attributes: readonly AttributeDeclaration[];
  /** Upper bounds of the buckets in `unit`, ascending. */
  readonly boundaries?: readonly number[];
  /** Factor from what is kept to `unit`; 1 when absent. */
  readonly scale?: number;
}
