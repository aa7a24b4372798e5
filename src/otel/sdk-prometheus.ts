/** A file of its own in the package, for the first scrape of everything. */
// Not from the package's index, which has a server with all that it needs.
export { PrometheusSerializer } from '@opentelemetry/exporter-prometheus/build/src/PrometheusSerializer.js';
