/** A file of its own in the package, for the first scrape of everything. */
export { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
