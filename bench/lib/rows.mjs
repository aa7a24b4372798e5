import { readdirSync } from 'node:fs';

/**
 * What `rows/` exports.
 * @typedef {object} Row
 * @property {string} name
 * @property {string} title
 * @property {string} work that every stack does
 * @property {(context: Context) => string | undefined} [needs] what is missing to run it
 * @property {(context: Context) => Promise<{ measures: import('./measure.mjs').Measure[], notes?: string[] }>} run
 */

/**
 * @typedef {object} Context
 * @property {boolean} short
 * @property {readonly import('./ours.mjs').Ours[]} ours
 * @property {string | undefined} node24
 */

/** In the order of docs/performance.md. */
const ORDER = [
  'request',
  'request-sampled-1',
  'request-sampled-100',
  'request-awaits',
  'request-awaits-node24',
  'express',
  'fastify',
  'record',
  'scrape',
  'scrape-block',
  'memory',
  'sse-write',
  'provider-call',
  'start-up',
  'access-lines',
  'growth-tenants',
  'growth-streams',
  'growth-sessions',
];

const folder = new URL('../rows/', import.meta.url);

/** @returns {Promise<Row[]>} */
export async function loadRows() {
  const files = readdirSync(folder).filter((file) => file.endsWith('.mjs'));
  const modules = await Promise.all(files.map((file) => import(new URL(file, folder).href)));
  const rows = modules.map((module) => module.default);
  return rows.sort((a, b) => ORDER.indexOf(a.name) - ORDER.indexOf(b.name));
}
