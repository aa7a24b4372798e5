import type { Surface } from '../catalog/documented.js';
import type { InstrumentKey } from '../catalog/instruments.js';
import type { LedgerSnapshot } from '../ledger/ledger.js';
import { FamilyView } from './family-view.js';
import { LabelTexts } from './label-texts.js';
import type { ExpositionFamily } from './text.js';

/** The families of one document, read from the ledger. */
export class DocumentedSurface {
  readonly surface: Surface;
  /** The instruments that its families are read from. */
  readonly instruments: ReadonlySet<InstrumentKey>;
  readonly #views: ReadonlyMap<string, FamilyView>;

  /** @param options.without a label to sum away: `tenant`, for `?aggregate=tenant`. */
  constructor(surface: Surface, options: { without?: string | undefined } = {}) {
    this.surface = surface;
    this.instruments = new Set(
      surface.families.flatMap(({ source }) => ('fact' in source ? [] : [source.instrument])),
    );
    const texts = new Map<string, LabelTexts>();
    const textsOf = (attribute: string): LabelTexts => {
      const known = texts.get(attribute) ?? new LabelTexts();
      texts.set(attribute, known);
      return known;
    };
    this.#views = new Map(
      surface.families.map((family) => [
        family.name,
        new FamilyView(family, { ...options, textsOf }),
      ]),
    );
  }

  get views(): Iterable<FamilyView> {
    return this.#views.values();
  }

  /** The families of a snapshot, in the document's order. */
  families(snapshot: LedgerSnapshot): ExpositionFamily[] {
    return [...this.#views.values()].map((view) => ({
      name: view.family.name,
      type: view.family.type,
      help: view.family.help,
      writeSamples: (writer) => view.writeSamples(snapshot, writer),
    }));
  }

  /** The value of one sample; 0 where the document has no such series. */
  value(snapshot: LedgerSnapshot, family: string, ...labelValues: string[]): number {
    for (const series of this.#views.get(family)?.read(snapshot) ?? []) {
      if (labelValues.every((wanted, i) => wanted === series.labelValues[i])) return series.value;
    }
    return 0;
  }
}
