/** An element of a router's stack, as Express 4 and 5 have it. */
export interface Layer {
  /** Of the layer of a route. */
  readonly route?: unknown;
  /** A router is a function with a stack. */
  readonly handle?: { readonly stack?: readonly Layer[] };
  /** Express 4. */
  readonly regexp?: RegExp & { readonly fast_slash?: boolean };
  readonly keys?: readonly { readonly name: string | number }[];
  /** Express 5, at the root of everything. */
  readonly slash?: boolean;
  readonly matchers?: readonly ((path: string) => LayerMatch | false)[];
  /** Since router 2.3: the path as it was given. */
  readonly rawPath?: unknown;
}

interface LayerMatch {
  readonly path: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** The part of a path that a router is mounted at. */
export interface Mount {
  readonly template: string;
  /** The same part of this request's path. */
  readonly path: string;
}

/**
 * What of a path a layer takes for a router behind it; undefined when it does not match. It
 * asks the layer's own matchers, which change nothing.
 */
export function mountOf(layer: Layer, path: string): Mount | undefined {
  if (layer.slash === true || layer.regexp?.fast_slash === true) return { template: '', path: '' };
  for (const [i, match] of matchersOf(layer).entries()) {
    const matched = match(path);
    if (matched === false) continue;
    const template = givenPath(layer, i) ?? derivedPath(layer, matched);
    return template === undefined ? undefined : { template, path: matched.path };
  }
  return undefined;
}

function matchersOf({ matchers, regexp, keys = [] }: Layer): NonNullable<Layer['matchers']> {
  if (matchers !== undefined) return matchers;
  if (regexp === undefined) return [];
  return [
    (path) => {
      const [matched, ...values] = regexp.exec(path) ?? [];
      if (matched === undefined) return false;
      const params = Object.fromEntries(keys.map(({ name }, i) => [String(name), values[i]]));
      return { path: matched.replace(/\/$/, ''), params };
    },
  ];
}

/** A path as it was given to Express: a template, or a regular expression for one. */
export function templateOf(path: unknown): string | undefined {
  return typeof path === 'string' || path instanceof RegExp ? String(path) : undefined;
}

function givenPath({ rawPath }: Layer, position: number): string | undefined {
  const given: unknown = Array.isArray(rawPath) ? rawPath[position] : rawPath;
  return templateOf(given);
}

/** What was worked out for a layer: the same for every request, however its client spells it. */
const derived = new WeakMap<Layer, string>();

/** Older layers forget the path they were given: it is worked out from one that matched. */
function derivedPath(layer: Layer, { path, params }: LayerMatch): string | undefined {
  const known = derived.get(layer);
  if (known !== undefined) return known;
  const left = Object.entries(params).filter(([, value]) => value !== undefined);
  const segments = path.split('/').map((segment) => {
    const [name, value] = left[0] ?? [];
    if (name === undefined || decoded(segment) !== decoded(String(value))) return segment;
    left.shift();
    return `:${name}`;
  });
  // With a parameter that is no whole segment the rest may still hold what a client sent.
  if (left.length > 0) return undefined;
  const template = segments.join('/');
  if (!isAlternative(layer)) derived.set(layer, template);
  return template;
}

/** Whether each path that a layer matches has the same template. */
export function hasOneTemplate(layer: Layer): boolean {
  const isRoot = layer.slash === true || layer.regexp?.fast_slash === true;
  return isRoot || (!isAlternative(layer) && !Array.isArray(layer.rawPath));
}

/** Whether a layer was given several paths, of which each request matches one. */
function isAlternative({ matchers = [], regexp }: Layer): boolean {
  return matchers.length > 1 || regexp?.source.includes('|^') === true;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
