import { ATTR_LEDGER_ATTRIBUTE, ATTR_TENANT_ID } from '../catalog/attributes.js';
import { INSTRUMENTS, type InstrumentKey } from '../catalog/instruments.js';
import type { InstrumentDeclaration } from '../catalog/instrument.js';
import { ClosedDomain, type Domain } from './domain.js';
import { Interner } from './interner.js';
import { Observers, type OnProblem } from './observers.js';
import { Table, type TableSnapshot } from './table.js';

/** Values an open attribute other than the tenant may take before it folds. */
const OPEN_ATTRIBUTE_LIMIT = 1000;

/** Every table at one moment. Nothing that happens later changes it. */
export interface LedgerSnapshot {
  readonly tables: Readonly<Record<InstrumentKey, TableSnapshot>>;
  /** The values of an open attribute, numbered by first appearance in any table. */
  readonly valuesOf: (attribute: string) => Domain;
  /** When the ledger began to count, in milliseconds since the epoch. */
  readonly startTimeMs: number;
  /** When the snapshot was taken, in milliseconds since the epoch. */
  readonly timeMs: number;
}

/**
 * What has been counted, measured and observed: one table for each canonical
 * instrument. It is the aggregation behind the documented text, OTLP and JSON alike.
 */
export class Ledger {
  readonly tables: Readonly<Record<InstrumentKey, Table>>;
  /** Gauges that a host keeps itself, read before each snapshot. */
  readonly observers: Observers;
  readonly #interners = new Map<string, Interner>();
  readonly #tenantLimit: number;
  readonly #now: () => number;
  readonly #startTimeMs: number;

  /**
   * @param options.tenantLimit tenants with rows of their own; later ones share `_overflow`.
   * @param options.now wall clock in milliseconds since the epoch.
   * @param options.onProblem told once for each observer that throws or hangs.
   */
  constructor(options: { tenantLimit: number; now?: () => number; onProblem?: OnProblem }) {
    this.#tenantLimit = options.tenantLimit;
    // The wall clock without its steps: uptime and intervals never run backwards.
    this.#now = options.now ?? (() => performance.timeOrigin + performance.now());
    this.#startTimeMs = this.#now();
    this.observers = new Observers(options.onProblem ?? (() => undefined));
    this.tables = Object.fromEntries(
      Object.entries(INSTRUMENTS).map(([key, declaration]) => [
        key,
        this.#createTable(declaration),
      ]),
    ) as Record<InstrumentKey, Table>;
  }

  snapshot(): LedgerSnapshot {
    return {
      tables: Object.fromEntries(
        Object.entries(this.tables).map(([key, table]) => [key, table.snapshot()]),
      ) as Record<InstrumentKey, TableSnapshot>,
      valuesOf: (attribute) => this.#interner(attribute),
      startTimeMs: this.#startTimeMs,
      timeMs: this.#now(),
    };
  }

  /**
   * Reads the observed gauges, within a bound, and then takes a snapshot. With `wanted`
   * those of other instruments keep the values they had.
   */
  async observe(wanted?: ReadonlySet<InstrumentKey>): Promise<LedgerSnapshot> {
    await this.observers.run(wanted);
    return this.snapshot();
  }

  #createTable(declaration: InstrumentDeclaration): Table {
    const domains = declaration.attributes.map(({ key, values }) =>
      values === undefined ? this.#interner(key) : new ClosedDomain(values),
    );
    return new Table(declaration, domains);
  }

  #interner(attribute: string): Interner {
    let interner = this.#interners.get(attribute);
    if (interner === undefined) {
      interner = new Interner({
        limit: attribute === ATTR_TENANT_ID ? this.#tenantLimit : OPEN_ATTRIBUTE_LIMIT,
        onOverflow: () => {
          this.#countOverflow(attribute);
        },
      });
      this.#interners.set(attribute, interner);
    }
    return interner;
  }

  #countOverflow(attribute: string): void {
    // The overflow table's own attribute holds keys of ours, which are few.
    if (attribute === ATTR_LEDGER_ATTRIBUTE) return;
    const { ledgerOverflow } = this.tables;
    ledgerOverflow.add(ledgerOverflow.row(attribute), 1);
  }
}
