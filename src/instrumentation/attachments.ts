import { readFileSync } from 'node:fs';

/** What can be attached to, in the order in which it is told of. */
export const TARGETS = [
  'HTTP/1.1 servers',
  'HTTP/2 servers',
  'Express',
  'Fastify',
  'Koa',
  'Hono',
  'fetch and undici',
  'node:http clients',
  'node:http2 clients',
  'opossum',
  'cockatiel',
  'child processes',
  'worker threads',
  'node:wasi',
  'Docker Engine API',
] as const;
export type Target = (typeof TARGETS)[number];

/** What an instrumentation has found of one target. What none has told of is not there so far. */
export interface Attachment {
  readonly target: Target;
  /** Whether it is followed. */
  readonly attached: boolean;
  /** What there is to know of it; why, where it is not followed. */
  readonly note?: string;
  /** A file of its package, by which its version is known. */
  readonly file?: string;
}

/** Told by the instrumentations, each time that they find something. Must not throw. */
export type OnAttachment = (attachment: Attachment) => void;

/** Keeps what the instrumentations have found until it can be said. */
export interface Attachments {
  readonly found: OnAttachment;
  /** Says what was found and what was not, one line each; from now on what is new, at once. */
  announce(): void;
}

/** Remembers nothing but what it will say, and takes the versions of packages only then. */
export function createAttachments(say: (line: string) => void): Attachments {
  const found = new Map<string, Attachment>();
  let isAnnounced = false;
  const list = (attachments: readonly Attachment[]): string =>
    [...new Set(inOrder(attachments).map(describe))].join(', ');
  return {
    found(attachment) {
      const { target, attached, note = '', file = '' } = attachment;
      const key = [target, attached, note, packageOf(file)].join('\n');
      if (found.has(key)) return;
      found.set(key, attachment);
      if (isAnnounced) say(`${heading(attachment)} (found later): ${describe(attachment)}`);
    },
    announce() {
      isAnnounced = true;
      const all = [...found.values()];
      const attached = all.filter((attachment) => attachment.attached);
      const refused = all.filter((attachment) => !attachment.attached);
      const missing = TARGETS.filter((target) => !all.some((one) => one.target === target));
      if (attached.length > 0) say(`attached to: ${list(attached)}`);
      if (refused.length > 0) say(`not attached to: ${list(refused)}`);
      if (missing.length > 0) say(`not loaded so far: ${missing.join(', ')}`);
    },
  };
}

function heading({ attached }: Attachment): string {
  return attached ? 'attached to' : 'not attached to';
}

function inOrder(attachments: readonly Attachment[]): Attachment[] {
  return [...attachments].sort((a, b) => TARGETS.indexOf(a.target) - TARGETS.indexOf(b.target));
}

function describe({ target, note, file }: Attachment): string {
  const version = file === undefined ? undefined : versionOf(file);
  const name = version === undefined ? target : `${target} ${version}`;
  return note === undefined ? name : `${name} (${note})`;
}

const PACKAGE = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+[\\/]/;

/** The folder of the package that a file belongs to. */
function packageOf(file: string): string | undefined {
  return PACKAGE.exec(file)?.[0];
}

/** The version of the package that a file belongs to. */
export function versionOf(file: string): string | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(`${packageOf(file)}package.json`, 'utf8'));
    const { version } = manifest as { version?: unknown };
    return typeof version === 'string' ? version : undefined;
  } catch {
    return undefined;
  }
}
