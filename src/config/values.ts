import { accessSync, constants } from 'node:fs';

/** Environment variables, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads variables one by one and keeps a line for each whose value cannot be used. */
export interface VariableReader {
  /** A variable's value; one that is empty counts as unset, as OpenTelemetry has it. */
  text(name: string): string | undefined;
  boolean(name: string, fallback: boolean): boolean;
  /** A boolean of the OpenTelemetry specification, where nothing but "true" is true. */
  specifiedBoolean(name: string): boolean;
  /** One of a closed set, in upper or lower case. */
  oneOf<T extends string>(name: string, allowed: readonly T[], fallback: string): T | undefined;
  /** A comma-separated list; what is not allowed is reported and left out. */
  listOf<T extends string>(name: string, allowed: readonly T[]): readonly T[] | undefined;
  integer(name: string, options: { fallback: number; min: number; max: number }): number;
  ratio(name: string): number | undefined;
  /**
   * An OTLP endpoint: an `http:` or `https:` URL, with gRPC also `host:port`. `problem` is
   * true when there is a value that is neither.
   */
  endpoint(
    name: string,
    protocol: string,
  ): { readonly value: string | undefined; readonly problem: boolean };
  /** A comma-separated list of `key=value`. The values are nobody's to read in a line. */
  pairs(name: string): void;
  /** A file that can be read. */
  file(name: string): void;
  /** A variable whose value has to look like this. */
  matching(name: string, { pattern, what }: { pattern: RegExp; what: string }): string | undefined;
  readonly problems: readonly string[];
}

/** A gRPC target without a scheme; its port is what tells it from a mistyped URL. */
const HOST_AND_PORT = /^(?:[\w.-]+|\[[\da-f:.]+\]):\d{1,5}$/i;

export function createVariableReader(environment: Environment): VariableReader {
  const problems: string[] = [];

  const text = (name: string): string | undefined => {
    const value = environment[name]?.trim();
    return value === '' ? undefined : value;
  };
  /** One clear line: the variable, the value, what is allowed, and what happens instead. */
  const report = (name: string, allowed: string, instead: string): void => {
    problems.push(`${name}=${quoted(text(name) ?? '')} is not ${allowed}; ${instead}`);
  };

  return {
    problems,
    text,
    boolean(name, fallback) {
      const value = text(name)?.toLowerCase();
      if (value === undefined) return fallback;
      if (value === 'true' || value === '1') return true;
      if (value === 'false' || value === '0') return false;
      report(name, 'true or false', `${String(fallback)} is used`);
      return fallback;
    },
    specifiedBoolean(name) {
      const value = text(name)?.toLowerCase();
      if (value !== undefined && value !== 'true' && value !== 'false') {
        report(name, 'true or false', 'false is used');
      }
      return value === 'true';
    },
    oneOf(name, allowed, fallback) {
      const value = text(name);
      if (value === undefined) return undefined;
      const known = allowed.find((candidate) => candidate.toLowerCase() === value.toLowerCase());
      if (known === undefined) report(name, `one of ${allowed.join(', ')}`, `${fallback} is used`);
      return known;
    },
    listOf(name, allowed) {
      const value = text(name);
      if (value === undefined) return undefined;
      const items = value.split(',').map((item) => item.trim());
      const known = allowed.filter((candidate) => items.includes(candidate));
      if (items.some((item) => !allowed.some((candidate) => candidate === item))) {
        const instead = known.length === 0 ? 'the default' : known.join(',');
        report(name, `a list of ${allowed.join(', ')}`, `${instead} is used`);
      }
      // A list of nothing but mistakes says nothing: the default holds.
      return known.length === 0 ? undefined : known;
    },
    integer(name, { fallback, min, max }) {
      const value = text(name);
      if (value === undefined) return fallback;
      const number = /^\d+$/.test(value) ? Number(value) : NaN;
      if (number >= min && number <= max) return number;
      report(name, `a whole number from ${min} to ${max}`, `${fallback} is used`);
      return fallback;
    },
    ratio(name) {
      const value = text(name);
      if (value === undefined) return undefined;
      const number = Number(value);
      if (number >= 0 && number <= 1) return number;
      report(name, 'a number from 0 to 1', '1 is used');
      return undefined;
    },
    pairs(name) {
      const value = text(name);
      const well = value?.split(',').every((pair) => /^\s*[^\s=]+\s*=.*$/s.test(pair)) ?? true;
      if (!well) problems.push(`${name} is not a list of key=value; what is no pair is left out`);
    },
    file(name) {
      const value = text(name);
      if (value === undefined) return;
      try {
        accessSync(value, constants.R_OK);
      } catch {
        report(name, 'a file that can be read', 'nothing is read from it');
      }
    },
    matching(name, { pattern, what }) {
      const value = text(name);
      if (value === undefined || pattern.test(value)) return value;
      report(name, what, 'it is left out');
      return undefined;
    },
    endpoint(name, protocol) {
      const value = text(name);
      if (value === undefined) return { value: undefined, problem: false };
      if (/^https?:\/\/[^/]/i.test(value) && URL.canParse(value)) return { value, problem: false };
      const grpc = protocol === 'grpc';
      if (grpc && HOST_AND_PORT.test(value)) return { value, problem: false };
      const wanted = `an http:// or https:// URL${grpc ? ' or host:port' : ''}`;
      report(name, wanted, 'nothing is exported there');
      return { value: undefined, problem: true };
    },
  };
}

/** A value as it can stand in a line; the credentials of a URL are nobody's to read. */
function quoted(value: string): string {
  return JSON.stringify(value.replace(/^.*@/s, 'REDACTED@').slice(0, 200));
}
