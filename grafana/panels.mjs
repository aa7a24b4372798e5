// What the dashboards of the three documents have in common.

/** The instances that are chosen at the top of a dashboard. */
export const own = 'instance=~"$instance"';

/** Which servers of a job were reached by the last scrape. */
export const servers = (job) => ({
  type: 'stat',
  width: 4,
  title: 'Servers',
  description: 'Whether the last scrape of each server succeeded.',
  unit: 'none',
  texts: { 0: 'down', 1: 'up' },
  limits: { base: 'red', 1: 'green' },
  queries: { '{{instance}}': `up{job="${job}",${own}}` },
});
