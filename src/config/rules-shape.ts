/** A JSON Schema (draft 2020-12), as far as rules need one. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** A JSON pointer into the file, and who is told what is wrong there. */
export interface Place {
  readonly pointer: string;
  readonly report: (pointer: string, problem: string) => void;
}

/**
 * One form of value: what JSON Schema says of it, and how it is read. Both stand in one table,
 * so that the schema which an editor uses is the one by which the file is read.
 */
export interface Shape<T> {
  readonly schema: JsonSchema;
  /** The value, or undefined when it was reported to be none. */
  read(value: unknown, place: Place): T | undefined;
}

/** A form that a value either has or has not. */
function scalar<T>({
  schema,
  what,
  fits,
}: {
  schema: JsonSchema;
  what: string;
  fits: (value: unknown) => value is T;
}): Shape<T> {
  return {
    schema,
    read(value, place) {
      if (fits(value)) return value;
      place.report(place.pointer, isNot(value, what));
      return undefined;
    },
  };
}

/** A text that is not empty. */
export function text(options: {
  pattern?: RegExp;
  what: string;
  description: string;
}): Shape<string> {
  const { pattern, what, description } = options;
  return scalar({
    schema: {
      type: 'string',
      minLength: 1,
      ...(pattern !== undefined && { pattern: pattern.source }),
      description,
    },
    what,
    fits: (value): value is string =>
      typeof value === 'string' && value !== '' && (pattern === undefined || pattern.test(value)),
  });
}

export function oneOf<T extends string>(values: readonly T[], description: string): Shape<T> {
  return scalar({
    schema: { enum: values, description },
    what: `one of ${values.join(', ')}`,
    fits: (value): value is T => values.some((known) => known === value),
  });
}

export function flag(description: string): Shape<boolean> {
  return scalar({
    schema: { type: 'boolean', description },
    what: 'true or false',
    fits: (value) => typeof value === 'boolean',
  });
}

export function wholeNumber(min: number, description: string): Shape<number> {
  return scalar({
    schema: { type: 'integer', minimum: min, description },
    what: `a whole number of at least ${min}`,
    fits: (value): value is number =>
      typeof value === 'number' && Number.isInteger(value) && value >= min,
  });
}

/** A value, or null. */
export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  return {
    schema: { ...shape.schema, type: [shape.schema['type'], 'null'] },
    read: (value, place) => (value === null ? null : shape.read(value, place)),
  };
}

/** One value or a list of at least one. */
export function oneOrMore<T>(shape: Shape<T>): Shape<readonly T[]> {
  return {
    schema: { anyOf: [shape.schema, { type: 'array', items: shape.schema, minItems: 1 }] },
    read(value, place) {
      if (Array.isArray(value) && value.length === 0) {
        place.report(place.pointer, isNot(value, 'a list of at least one'));
        return undefined;
      }
      const items = Array.isArray(value)
        ? value.map((item, i) => shape.read(item, below(place, i)))
        : [shape.read(value, place)];
      return items.filter((item) => item !== undefined);
    },
  };
}

/** Values of one form by names of another. */
export function mapOf<T>(options: {
  names: RegExp;
  what: string;
  values: Shape<T>;
  description: string;
}): Shape<Readonly<Record<string, T>>> {
  const { names, what, values, description } = options;
  return {
    schema: {
      type: 'object',
      description,
      minProperties: 1,
      propertyNames: { pattern: names.source },
      additionalProperties: values.schema,
    },
    read(value, place) {
      if (!isObject(value) || Object.keys(value).length === 0) {
        place.report(
          place.pointer,
          isNot(value, `an object with at least one member, whose name is ${what}`),
        );
        return undefined;
      }
      const read: Record<string, T> = {};
      for (const [name, given] of Object.entries(value)) {
        const at = below(place, name);
        const meaning = values.read(given, at);
        if (!names.test(name)) at.report(at.pointer, isNot(name, what));
        else if (meaning !== undefined) read[name] = meaning;
      }
      return read;
    },
  };
}

/** `true`, `false` or a text. */
export function flagOrText(description: string): Shape<boolean | string> {
  return scalar({
    schema: { type: ['boolean', 'string'], minLength: 1, description },
    what: 'true, false or a text',
    fits: (value): value is boolean | string =>
      typeof value === 'boolean' || (typeof value === 'string' && value !== ''),
  });
}

/** One form for `true` and `false`, another for everything else. */
export function flagOr<T>(yesOrNo: Shape<boolean>, described: Shape<T>): Shape<boolean | T> {
  return {
    schema: { anyOf: [yesOrNo.schema, described.schema] },
    read: (value, place) =>
      typeof value === 'object' && value !== null
        ? described.read(value, place)
        : yesOrNo.read(value, place),
  };
}

export interface ObjectOptions<T> {
  readonly description: string;
  readonly fields: { readonly [K in keyof T]-?: Shape<NonNullable<T[K]> | Extract<T[K], null>> };
  readonly required?: readonly (keyof T & string)[];
  /** Of these exactly one is there. */
  readonly either?: readonly (keyof T & string)[];
  /** What no schema can say; reports what is wrong. */
  readonly check?: (value: T, place: Place) => void;
}

/** An object with these fields and no others. */
export function object<T extends object>(options: ObjectOptions<T>): Shape<T> {
  const { description, required = [], either = [], check } = options;
  const fields = options.fields as Readonly<Record<string, Shape<unknown>>>;
  return {
    schema: {
      type: 'object',
      description,
      properties: Object.fromEntries(
        Object.entries(fields).map(([name, { schema }]) => [name, schema]),
      ),
      ...(required.length > 0 && { required }),
      ...(either.length > 0 && { oneOf: either.map((name) => ({ required: [name] })) }),
      additionalProperties: false,
    },
    read(value, place) {
      if (!isObject(value)) {
        place.report(place.pointer, isNot(value, 'an object'));
        return undefined;
      }
      let problems = 0;
      const here: Place = {
        pointer: place.pointer,
        report(pointer, problem) {
          problems++;
          place.report(pointer, problem);
        },
      };
      const read = readFields(value, fields, here) as T;
      checkPresence(value, { required, either }, here);
      if (problems === 0) check?.(read, here);
      return problems === 0 ? read : undefined;
    },
  };
}

function readFields(
  value: Record<string, unknown>,
  fields: Readonly<Record<string, Shape<unknown>>>,
  place: Place,
): object {
  const read: Record<string, unknown> = {};
  for (const [name, given] of Object.entries(value)) {
    const at = below(place, name);
    const shape = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (shape !== undefined) read[name] = shape.read(given, at);
    else place.report(at.pointer, `unknown; known are ${Object.keys(fields).join(', ')}`);
  }
  return read;
}

function checkPresence(
  value: object,
  { required, either }: { required: readonly string[]; either: readonly string[] },
  place: Place,
): void {
  for (const name of required) {
    if (!Object.hasOwn(value, name)) place.report(place.pointer, `${name} is missing`);
  }
  const given = either.filter((name) => Object.hasOwn(value, name));
  if (either.length > 0 && given.length !== 1) {
    place.report(place.pointer, `needs exactly one of ${either.join(', ')}`);
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The place of a member or an item of what stands at a place (RFC 6901). */
export function below(place: Place, name: string | number): Place {
  const escaped = String(name).replaceAll('~', '~0').replaceAll('/', '~1');
  return { ...place, pointer: `${place.pointer}/${escaped}` };
}

/** What is wrong with a value; bounded, because it stands in a line. */
function isNot(value: unknown, what: string): string {
  return `${JSON.stringify(value).slice(0, 100)} is not ${what}`;
}
