import type { RateLimitReason } from 'agent-otel';

const WINDOW_MS = 60_000;

/** Whether a request may run: if so, `release` gives its place back once. */
export type Admission =
  | { readonly admitted: true; release(): void }
  | {
      readonly admitted: false;
      readonly reason: RateLimitReason;
      readonly retryAfterSeconds: number;
    };

interface Account {
  running: number;
  windowStartedAt: number;
  admitted: number;
}

/**
 * Limits each tenant to so many requests at once and so many a minute, counted in windows
 * that begin with a request of that tenant. Refused requests count towards neither.
 */
export class TenantLimiter {
  readonly #maxConcurrent: number;
  readonly #ratePerMinute: number;
  // Never pruned: only keys that the server knows name tenants, so their number is bounded.
  readonly #accounts = new Map<string, Account>();

  constructor(limits: { readonly maxConcurrent: number; readonly ratePerMinute: number }) {
    this.#maxConcurrent = limits.maxConcurrent;
    this.#ratePerMinute = limits.ratePerMinute;
  }

  admit(tenant: string): Admission {
    const now = performance.now();
    const account = this.#account(tenant, now);
    const remainingMs = account.windowStartedAt + WINDOW_MS - now;
    if (remainingMs <= 0) Object.assign(account, { windowStartedAt: now, admitted: 0 });

    if (account.running >= this.#maxConcurrent) {
      return { admitted: false, reason: 'concurrent_request_limit', retryAfterSeconds: 1 };
    }
    if (account.admitted >= this.#ratePerMinute) {
      const retryAfterSeconds = Math.ceil(remainingMs / 1000);
      return { admitted: false, reason: 'rate_limit', retryAfterSeconds };
    }

    account.running++;
    account.admitted++;
    let held = true;
    return {
      admitted: true,
      release: () => {
        if (held) account.running--;
        held = false;
      },
    };
  }

  #account(tenant: string, now: number): Account {
    const known = this.#accounts.get(tenant);
    if (known !== undefined) return known;
    const account = { running: 0, windowStartedAt: now, admitted: 0 };
    this.#accounts.set(tenant, account);
    return account;
  }
}
