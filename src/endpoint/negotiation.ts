/** The formats of `/metrics`, by content type. */
export const OPEN_METRICS_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

/**
 * Whether an `Accept` header asks for OpenMetrics rather than for the text format 0.0.4.
 * Ties and anything that cannot be read go to 0.0.4, which everybody understands.
 */
export function prefersOpenMetrics(accept: string | undefined): boolean {
  let openMetrics = 0;
  let text = 0;
  for (const range of (accept ?? '').split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const quality = qualityOf(parameters);
    const version = parameters.find((parameter) => parameter.startsWith('version='));
    if (type === 'application/openmetrics-text') {
      // 0.0.1 differs in what counters look like; who asks for it alone gets 0.0.4.
      if (version === undefined || version === 'version=1.0.0') {
        openMetrics = Math.max(openMetrics, quality);
      }
    } else if (type === 'text/plain' || type === 'text/*' || type === '*/*') {
      text = Math.max(text, quality);
    }
  }
  return openMetrics > text;
}

/** Whether an `Accept-Encoding` header names gzip, as every Prometheus does. */
export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  return (acceptEncoding ?? '').split(',').some((coding) => {
    const [name = '', ...parameters] = coding.split(';').map((part) => part.trim().toLowerCase());
    return name === 'gzip' && qualityOf(parameters) > 0;
  });
}

function qualityOf(parameters: readonly string[]): number {
  const q = parameters.find((parameter) => parameter.startsWith('q='));
  if (q === undefined) return 1;
  const value = Number(q.slice(2));
  return value >= 0 && value <= 1 ? value : 0;
}
