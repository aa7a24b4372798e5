import type { IncomingMessage } from 'node:http';
import { pathOf } from '../description.js';
import { hasOneTemplate, mountOf, templateOf, type Layer, type Mount } from './express-layer.js';

/** An application of Express; it is a function with properties. */
interface Application {
  /** Express 4. Express 5 has `router`, which Express 4 forbids to ask for. */
  readonly _router?: { readonly stack?: readonly Layer[] };
  readonly router?: { readonly stack?: readonly Layer[] };
  /** Where it is mounted, if it is. */
  readonly parent?: Application;
  readonly mountpath?: unknown;
}

interface Route {
  readonly path?: unknown;
}

/** What Express, and NestJS on it, leave on a request: the route that has matched last. */
type Routed = IncomingMessage & {
  readonly app?: Application;
  readonly originalUrl?: string;
  readonly route?: Route;
};

/** The template of the route that Express has matched, with those of the routers around it. */
export function expressRoute(request: IncomingMessage): string | undefined {
  const { app, route, originalUrl } = request as Routed;
  if (route === undefined || typeof app !== 'function') return undefined;
  const place = placeOf(route, app);
  if (place.template !== undefined) return place.template;
  const path = pathOf(originalUrl ?? request.url ?? '');
  const outer = mountOfApplication(app, path);
  if (place.own === '' || outer === undefined) return undefined;
  for (const way of place.ways) {
    const mount = mountOfWay(way, { outer, path });
    // A router that is mounted twice is reached by two ways, of which one fits the path.
    if (mount === undefined || !fits(place.own, path.slice(mount.path.length))) continue;
    const template =
      place.own === '/' && mount.template !== '' ? mount.template : mount.template + place.own;
    if (place.isFixed && way.every(hasOneTemplate)) place.template = template;
    return template;
  }
  return undefined;
}

/** Where an application is mounted in those around it. */
function mountOfApplication({ parent, mountpath }: Application, path: string): Mount | undefined {
  if (parent === undefined) return { template: '', path: '' };
  const outer = mountOfApplication(parent, path);
  if (outer === undefined) return undefined;
  const rest = path.slice(outer.path.length);
  for (const template of [mountpath].flat()) {
    if (typeof template !== 'string') continue;
    const part = rest.split('/').slice(0, template.split('/').length).join('/');
    if (fits(template, part)) {
      return { template: outer.template + template, path: outer.path + part };
    }
  }
  return undefined;
}

/** What is known of a route in an application: both are set up once, before requests come. */
interface Place {
  /** Its own template, without those of the routers around it. */
  readonly own: string;
  /** Ways to it, each the layers on it. */
  readonly ways: readonly (readonly Layer[])[];
  /** Whether nothing but the layers on its way decides what its template is. */
  readonly isFixed: boolean;
  /** The whole template, once a request has shown it and if no request changes it. */
  template: string | undefined;
}

const places = new WeakMap<Application, WeakMap<Route, Place>>();

function placeOf(route: Route, app: Application): Place {
  let known = places.get(app);
  if (known === undefined) places.set(app, (known = new WeakMap()));
  let place = known.get(route);
  if (place === undefined) {
    const own = [route.path].flat().map(templateOf).join(',');
    const ways = [...findWays((app._router ?? app.router)?.stack ?? [], route)];
    const isFixed = app.parent === undefined && ways.length === 1;
    known.set(route, (place = { own, ways, isFixed, template: undefined }));
  }
  return place;
}

function* findWays(stack: readonly Layer[], route: Route): Generator<readonly Layer[]> {
  for (const layer of stack) {
    if (layer.route === route) yield [];
    for (const way of findWays(layer.handle?.stack ?? [], route)) yield [layer, ...way];
  }
}

function mountOfWay(
  way: readonly Layer[],
  { outer, path }: { outer: Mount; path: string },
): Mount | undefined {
  let mount: Mount | undefined = outer;
  for (const layer of way) {
    const inner = mountOf(layer, path.slice(mount.path.length) || '/');
    if (inner === undefined) return undefined;
    mount = { template: mount.template + inner.template, path: mount.path + inner.path };
  }
  return mount;
}

/** Characters by which a template may stand for any number of segments. */
const PATTERN = /[*?+(){}[\]\\,]/;

/** Whether a template can stand for a path, as far as it is plain enough to tell. */
function fits(template: string, path: string): boolean {
  if (PATTERN.test(template)) return true;
  const expected = segmentsOf(template);
  const actual = segmentsOf(path);
  return (
    expected.length === actual.length &&
    expected.every(
      (segment, i) =>
        segment.includes(':') || segment.toLowerCase() === (actual[i] ?? '').toLowerCase(),
    )
  );
}

function segmentsOf(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '');
}
