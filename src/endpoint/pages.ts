import { CONTENT_TYPE_TEXT_UTF8, type Surface } from '../catalog/documented.js';
import { DocumentedSurface } from '../exposition/documented-surface.js';
import { ForeignFamilies } from '../exposition/foreign-families.js';
import { renderHealth } from '../exposition/health.js';
import { renderJson, type JsonSession } from '../exposition/json.js';
import { renderOpenMetrics } from '../exposition/open-metrics.js';
import { renderText } from '../exposition/text.js';
import { TextWriter } from '../exposition/text-writer.js';
import type { Ledger } from '../ledger/ledger.js';
import { OPEN_METRICS_TYPE } from './negotiation.js';
import { inSlices, slicesOf } from './slices.js';
import type { Batches } from './write-all.js';

/** A page that is ready to be sent. */
export interface Page {
  readonly contentType: string;
  /** Its bytes in order, in pieces. A long page is written while it is being sent. */
  readonly body: readonly Uint8Array[] | Batches;
}

/** Where pages get what they show. */
export interface PageSources {
  readonly ledger: Ledger;
  readonly surfaces: readonly Surface[];
  /** Active sessions, or undefined where keys are required: see wasmrun's document. */
  readonly sessions: () => readonly JsonSession[] | undefined;
  /** Whether tenants must not be named on `/metrics`, because keys belong to tenants. */
  readonly hideTenants: boolean;
  /** All other metrics, as the stock serializer writes them; undefined when there are none. */
  readonly serializeOthers: () => Promise<Iterable<string>> | undefined;
  readonly onProblem: (key: string, problem: string, error?: unknown) => void;
}

/** Renders what the documented paths and `/metrics` answer. */
export interface Pages {
  documented(surface: Surface, query: URLSearchParams): Promise<Page>;
  health(surface: Surface): Promise<Page>;
  everything(openMetrics: boolean): Promise<Page>;
}

const JSON_TYPE = 'application/json';
/** The one label that a scrape may ask to have summed away. */
const AGGREGATABLE = 'tenant';
/** Of a page that is longer, no more is written before it is sent: what a processor's cache holds. */
const BATCH_BYTES = 262_144;

export function createPages(sources: PageSources): Pages {
  const { ledger, surfaces } = sources;
  const whole = viewsOnDemand();
  const aggregated = viewsOnDemand({ without: AGGREGATABLE });

  return {
    async documented(surface, query) {
      const viewOf = query.get('aggregate') === AGGREGATABLE ? aggregated : whole;
      const view = viewOf(surface);
      const snapshot = await ledger.observe(view.instruments);
      if (surface.json && query.get('format') === 'json') {
        return jsonPage(renderJson(view, { snapshot, sessions: sources.sessions() }));
      }
      return textPage(surface.contentType, (writer) => renderText(view.families(snapshot), writer));
    },

    async health(surface) {
      const view = whole(surface);
      const snapshot = await ledger.observe(view.instruments);
      return jsonPage(renderHealth(view, snapshot));
    },

    async everything(openMetrics) {
      // Read once, so that the documented and the other metrics of one page agree.
      await ledger.observers.run();
      const others = await collectOthers(sources);
      const snapshot = ledger.snapshot();
      const viewOf = sources.hideTenants ? aggregated : whole;
      const documented = surfaces.flatMap((surface) => viewOf(surface).families(snapshot));
      const names = new Set(documented.map(({ name }) => name));
      const families = [...documented, ...others.families().filter(({ name }) => !names.has(name))];
      return openMetrics
        ? textPage(OPEN_METRICS_TYPE, (writer) => renderOpenMetrics(families, writer))
        : textPage(CONTENT_TYPE_TEXT_UTF8, (writer) => renderText(families, writer));
    },
  };
}

/** The view of a document is made for its first page: many a process is never scraped. */
function viewsOnDemand(options?: { without: string }): (surface: Surface) => DocumentedSurface {
  const made = new Map<Surface, DocumentedSurface>();
  return (surface) => {
    let view = made.get(surface);
    if (view === undefined) made.set(surface, (view = new DocumentedSurface(surface, options)));
    return view;
  };
}

function jsonPage(json: string): Page {
  return { contentType: JSON_TYPE, body: [Buffer.from(json, 'utf8')] };
}

/** What is no longer than a batch and takes no longer than a slice has a length that is known. */
async function textPage(
  contentType: string,
  render: (writer: TextWriter) => Iterable<void>,
): Promise<Page> {
  const writer = new TextWriter();
  const slices = slicesOf(render(writer), () => writer.ready >= BATCH_BYTES);
  const { done } = await slices.next();
  return { contentType, body: done === true ? writer.finish() : written(slices, writer) };
}

/** Of a page no more is in memory than what its reader has not taken of a batch or two. */
async function* written(slices: AsyncIterator<void>, writer: TextWriter): Batches {
  do {
    const pieces = writer.take();
    yield {
      pieces,
      onWritten: () => {
        writer.reuse(pieces);
      },
    };
  } while ((await slices.next()).done !== true);
  yield { pieces: writer.finish() };
}

/** The documented families answer also when the provider cannot be read any more. */
async function collectOthers({
  serializeOthers,
  onProblem,
}: PageSources): Promise<ForeignFamilies> {
  const others = new ForeignFamilies((name) => {
    onProblem(`conflict ${name}`, `${name} is reported with two types; /metrics shows the first`);
  });
  try {
    await inSlices(readAll((await serializeOthers()) ?? [], others));
  } catch (error) {
    onProblem('collect', 'the metrics of OpenTelemetry could not be collected', error);
  }
  return others;
}

function* readAll(texts: Iterable<string>, others: ForeignFamilies): Generator<void> {
  for (const text of texts) {
    others.read(text);
    yield;
  }
}
