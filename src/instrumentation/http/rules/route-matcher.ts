import type { RouteMatch } from '../../../config/rules.js';
import { globMatcher } from '../../glob.js';
import { pathOf } from '../description.js';

/** Something that is meant for the requests of a method, a path and some headers. */
export interface Matchable {
  readonly match: RouteMatch;
}

/** What of a request decides which entry is meant for it. */
export interface MatchedRequest {
  readonly method: string;
  /** The request target. */
  readonly target: string;
  /** A request header, by its name in lower case. */
  header(name: string): string | undefined;
}

/** What matched, and the parameters of its path, decoded. */
export interface Matched<T> {
  readonly entry: T;
  readonly parameters: ReadonlyMap<string, string>;
}

/** What is known for a request, if anything. */
export type RouteMatcher<T> = (request: MatchedRequest) => Matched<T> | undefined;

interface Candidate<T> {
  readonly entry: T;
  /** Of those that match the first one counts. */
  readonly order: number;
  readonly method: string | undefined;
  readonly hasHeaders: (request: MatchedRequest) => boolean;
  /** The names of its parameters by the position of their segments. */
  readonly names: ReadonlyMap<number, string>;
}

/** The candidates that share the segments up to here. */
interface Node<T> {
  readonly literals: Map<string, Node<T>>;
  parameter: Node<T> | undefined;
  /** Candidates whose path ends here, and those that take all that follows. */
  readonly ends: Candidate<T>[];
  readonly rests: Candidate<T>[];
}

/**
 * Makes a matcher of many paths that looks at a segment once for all of them: a request that
 * nothing is meant for costs one look-up of its first segment.
 */
export function createRouteMatcher<T extends Matchable>(entries: readonly T[]): RouteMatcher<T> {
  const root = createNode<T>();
  for (const [order, entry] of entries.entries()) insert(root, entry, order);
  return (request) => {
    const segments = segmentsFor(root, request.target);
    if (segments === undefined) return undefined;
    const best = findBest(root, { request, segments, depth: 0 });
    return best && { entry: best.entry, parameters: parametersIn(segments, best) };
  };
}

function createNode<T>(): Node<T> {
  return { literals: new Map(), parameter: undefined, ends: [], rests: [] };
}

function insert<T extends Matchable>(root: Node<T>, entry: T, order: number): void {
  const { method, path, headers } = entry.match;
  const names = new Map<number, string>();
  const candidate = { entry, order, method, hasHeaders: compileHeaders(headers), names };
  let node = root;
  for (const [position, segment] of splitPath(path).entries()) {
    if (segment === '*') {
      node.rests.push(candidate);
      return;
    }
    if (segment.startsWith(':')) {
      names.set(position, segment.slice(1));
      node = node.parameter ??= createNode();
    } else {
      const next = node.literals.get(segment) ?? createNode();
      node.literals.set(segment, next);
      node = next;
    }
  }
  node.ends.push(candidate);
}

/** The segments of a target, unless its first one is enough to know that nothing matches. */
function segmentsFor<T>(root: Node<T>, target: string): readonly string[] | undefined {
  const path = target.startsWith('/') ? target : pathOf(target);
  const isOpen = root.parameter !== undefined || root.rests.length > 0;
  if (!isOpen && !root.literals.has(firstSegment(path)) && !isRoot(path)) return undefined;
  return splitPath(path);
}

const SLASH = 0x2f;
const QUESTION_MARK = 0x3f;
const NUMBER_SIGN = 0x23;

function firstSegment(path: string): string {
  let end = 1;
  while (end < path.length && !endsSegment(path.charCodeAt(end))) end++;
  return path.slice(1, end);
}

function isRoot(path: string): boolean {
  return path.length < 2 || endsSegment(path.charCodeAt(1));
}

function endsSegment(character: number): boolean {
  return character === SLASH || character === QUESTION_MARK || character === NUMBER_SIGN;
}

/** The segments of a path; a slash at its end makes no other path. */
function splitPath(target: string): readonly string[] {
  let end = target.search(/[?#]/);
  if (end === -1) end = target.length;
  if (target.charCodeAt(end - 1) === SLASH) end--;
  return end < 1 ? [] : target.slice(1, end).split('/');
}

/** Tells whether the headers of a request are as a rule wants them. */
function compileHeaders(headers: RouteMatch['headers'] = {}): Candidate<unknown>['hasHeaders'] {
  const conditions = Object.entries(headers).map(([name, wanted]) => {
    const fits = typeof wanted === 'string' ? globMatcher(wanted) : undefined;
    return { name: name.toLowerCase(), wanted, fits };
  });
  return (request) =>
    conditions.every(({ name, wanted, fits }) => {
      const value = request.header(name);
      if (fits !== undefined) return value !== undefined && fits(value);
      return (value !== undefined) === wanted;
    });
}

interface Search {
  readonly request: MatchedRequest;
  readonly segments: readonly string[];
  readonly depth: number;
}

function findBest<T>(node: Node<T>, search: Search): Candidate<T> | undefined {
  const { request, segments, depth } = search;
  const segment = segments[depth];
  if (segment === undefined) return first(node.ends, request);
  const deeper = { request, segments, depth: depth + 1 };
  const literal = node.literals.get(segment);
  return earliest([
    first(node.rests, request),
    literal && findBest(literal, deeper),
    // A parameter stands for something.
    segment === '' ? undefined : node.parameter && findBest(node.parameter, deeper),
  ]);
}

function first<T>(
  candidates: readonly Candidate<T>[],
  request: MatchedRequest,
): Candidate<T> | undefined {
  return candidates.find(
    ({ method, hasHeaders }) =>
      (method === undefined || method === request.method) && hasHeaders(request),
  );
}

function earliest<T>(found: readonly (Candidate<T> | undefined)[]): Candidate<T> | undefined {
  return found.reduce((best, candidate) =>
    best === undefined || (candidate !== undefined && candidate.order < best.order)
      ? candidate
      : best,
  );
}

function parametersIn<T>(
  segments: readonly string[],
  { names }: Candidate<T>,
): ReadonlyMap<string, string> {
  return new Map([...names].map(([position, name]) => [name, decoded(segments[position] ?? '')]));
}

/** A segment as a host reads it; one that is no percent-encoded UTF-8 stays as it came. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
