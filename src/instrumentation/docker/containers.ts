import type { ContainerRule } from '../../config/rules.js';
import { LiveSandbox } from '../../events/live-sandbox.js';
import type { Runtime } from '../../events/runtime.js';
import { currentServerRequest } from '../../events/server-request.js';
import type { SandboxStart } from '../../events/sandbox-start.js';
import { globMatcher } from '../glob.js';

/** A container as far as the host's own requests have described it. */
export interface Described {
  /** The whole id, or the name by which the host speaks of one that it has not made here. */
  readonly id: string;
  readonly name?: string | undefined;
  readonly image?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

/** A container, and the sandbox that it is while it runs. */
export interface Container extends Described {
  readonly isSandbox: boolean;
  sandbox: LiveSandbox | undefined;
  /** When something was found wrong with it, until it is found well again. */
  suspectSince: number | undefined;
}

/**
 * How soon an unresponsive container is given up and replaced, in milliseconds. What happens
 * later has other reasons.
 */
const REBUILD_WITHIN_MS = 60_000;

/** Containers, and identities of lost ones, that are remembered. */
const MAX_REMEMBERED = 10_000;

/** The containers of one Engine, by what a host asks of it and what is answered. */
export class Containers {
  readonly #runtime: Runtime;
  readonly #isIgnored: (container: Described) => boolean;
  readonly #byRef = new Map<string, Container>();
  /** Those that the host gave up after they had failed a probe, by what their successor shares. */
  readonly #lost = new Map<string, number>();

  constructor(runtime: Runtime, rules: readonly ContainerRule[]) {
    this.#runtime = runtime;
    this.#isIgnored = createJudge(rules);
  }

  /** The container of an id, a part of one, or a name. */
  find(ref: string): Container | undefined {
    const known = this.#byRef.get(ref);
    if (known !== undefined || !/^[0-9a-f]{4,63}$/.test(ref)) return known;
    for (const [id, container] of this.#byRef) if (id.startsWith(ref)) return container;
    return undefined;
  }

  /** The same, and one that was not known is from now on. */
  know(ref: string): Container {
    return this.find(ref) ?? this.add({ id: ref, ...(!isId(ref) && { name: ref }) });
  }

  add(described: Described): Container {
    const container: Container = {
      ...described,
      isSandbox: !this.#isIgnored(described),
      sandbox: undefined,
      suspectSince: undefined,
    };
    remember(this.#byRef, described.id, container);
    // The name of a container that is gone is free, and means its successor from now on.
    if (described.name !== undefined) this.#byRef.set(described.name, container);
    return container;
  }

  /** It is being started; undefined when it counts for nothing or runs already. */
  starting(container: Container): SandboxStart | undefined {
    if (!this.#counts(container)) return undefined;
    const { sandbox, start } = LiveSandbox.starting(this.#runtime, {
      id: container.id,
      tenant: currentServerRequest(this.#runtime)?.tenant,
      making: identitiesOf(container).some((identity) => this.#isRecent(this.#lost.get(identity)))
        ? 'rebuild'
        : 'start',
    });
    container.sandbox = sandbox;
    return start;
  }

  started(container: Container): void {
    this.trust(container);
    container.sandbox?.ready();
    for (const identity of identitiesOf(container)) this.#lost.delete(identity);
  }

  /** It runs, whoever has started it. */
  found(container: Container): void {
    if (this.#counts(container)) container.sandbox = LiveSandbox.found(this.#runtime, container.id);
  }

  /** Something that was asked of it went wrong in a way that it should not. */
  suspect(container: Container): void {
    if (container.sandbox !== undefined) container.suspectSince = this.#runtime.now();
  }

  /** It has done what it was asked for. */
  trust(container: Container): void {
    container.suspectSince = undefined;
  }

  /** It does not run any more. One that had failed a probe is missed, not idle. */
  gone(container: Container, { isReaped }: { isReaped: boolean }): void {
    const { sandbox, suspectSince } = container;
    const isSuspect = this.#isRecent(suspectSince);
    container.sandbox = undefined;
    sandbox?.gone(isReaped && !isSuspect ? 'reaped' : 'stopped');
    if (sandbox === undefined || !isSuspect) return;
    for (const identity of identitiesOf(container)) {
      remember(this.#lost, identity, this.#runtime.now());
    }
  }

  /** It does not exist any more. */
  removed(container: Container): void {
    for (const ref of [container.id, container.name ?? '']) {
      if (this.#byRef.get(ref) === container) this.#byRef.delete(ref);
    }
  }

  #isRecent(at: number | undefined): boolean {
    return at !== undefined && this.#runtime.now() - at < REBUILD_WITHIN_MS;
  }

  #counts({ isSandbox, sandbox }: Container): boolean {
    return isSandbox && sandbox === undefined && !this.#runtime.reportedByHost.has('sandbox');
  }
}

function isId(ref: string): boolean {
  return /^[0-9a-f]{12,64}$/.test(ref);
}

/** What a container shares with the one that is made in its place: its name, or its tenant. */
function identitiesOf({ name, labels = {} }: Described): string[] {
  return [
    ...(name === undefined ? [] : [`name ${name}`]),
    ...Object.entries(labels)
      .filter(([key]) => /tenant/i.test(key))
      .map(([key, value]) => `label ${key}=${value}`),
  ];
}

function createJudge(rules: readonly ContainerRule[]): (container: Described) => boolean {
  const tests = rules.map(({ image, name, label, as }) => {
    const matchesImage = image === undefined ? undefined : globMatcher(image);
    const matchesName = name === undefined ? undefined : globMatcher(name);
    return {
      as,
      matches: (container: Described): boolean =>
        (matchesImage?.(container.image ?? '') ?? true) &&
        (matchesName?.(container.name ?? '') ?? true) &&
        (label === undefined || hasLabel(container, label)),
    };
  });
  return (container) => tests.find(({ matches }) => matches(container))?.as === 'ignore';
}

function hasLabel({ labels = {} }: Described, wanted: string): boolean {
  return Object.entries(labels).some(
    ([key, value]) => wanted === key || wanted === `${key}=${value}`,
  );
}

/** Adds to what is remembered, and forgets the oldest beyond the bound. */
function remember<V>(memory: Map<string, V>, key: string, value: V): void {
  memory.set(key, value);
  for (const oldest of memory.keys()) {
    if (memory.size <= MAX_REMEMBERED) break;
    memory.delete(oldest);
  }
}
