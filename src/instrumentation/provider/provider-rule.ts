/** Says which provider a host is, or that it is none; the first rule that matches decides. */
export interface ProviderRule {
  /** Glob on the host name, or on `host:port` where it has a colon. */
  readonly host: string;
  /** Glob on the path without its query; absent: the known inference paths. */
  readonly path?: string;
  /** The provider's name; null is none, and its requests are left alone. */
  readonly provider: string | null;
}
