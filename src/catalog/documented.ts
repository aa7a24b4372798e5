import type { InstrumentKey } from './instruments.js';
import type { Dialect } from './vocabulary.js';

/**
 * One label of a documented family and the attribute that it is read from.
 * `values` is the closed set in the document's order; an open label has null.
 * `attributeValues` gives the attribute's own spelling of each, where it differs.
 */
export interface DocumentedLabel {
  readonly name: string;
  readonly values: readonly string[] | null;
  readonly attribute: string;
  readonly attributeValues?: readonly string[];
}

/** The rows of an instrument that count towards a family, and what of them is read. */
export interface LedgerSource {
  readonly instrument: InstrumentKey;
  readonly field: 'value' | 'count' | 'sum';
  /** Keeps the rows whose attribute passes; all rows when absent. */
  readonly only?: { readonly attribute: string; readonly matches: (value: string) => boolean };
}

/** A value that is true of the process and recorded by no event. */
export interface FactSource {
  readonly fact: 'up' | 'uptime';
}

/** A metric family that a document promises, to the letter. */
export interface DocumentedFamily {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  /** The documented HELP text, or ours where the document gives a meaning alone. */
  readonly help: string;
  readonly labels: readonly DocumentedLabel[];
  readonly source: LedgerSource | FactSource;
  /** Key in the JSON format (wasmrun only). */
  readonly json?: string;
}

/** Everything one document promises about its metrics endpoint. */
export interface Surface {
  readonly dialect: Dialect;
  readonly path: string;
  readonly contentType: string;
  /** Whether every response closes its connection (arbiter). */
  readonly closesConnection: boolean;
  /** Whether `?format=json` is part of the document (wasmrun). */
  readonly json: boolean;
  /** Whether an API key guards the path once keys are configured (wasmrun). */
  readonly guarded: boolean;
  /** Path of the documented health report (Ash). */
  readonly healthPath?: string;
  readonly families: readonly DocumentedFamily[];
}

const TEXT = 'text/plain; version=0.0.4';

/** Content types of the text exposition format 0.0.4 as the documents spell them. */
export const CONTENT_TYPE_TEXT = TEXT;
export const CONTENT_TYPE_TEXT_UTF8 = `${TEXT}; charset=utf-8`;
