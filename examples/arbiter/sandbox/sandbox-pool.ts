import { exec, sandbox } from 'agent-otel';
import type { Instruction } from './instruction.js';
import type { Reply } from './protocol.js';
import { SandboxProcess } from './sandbox-process.js';

const MAX_SANDBOXES = 64;
const PROBE_INTERVAL_MS = 2_000;

/** A tenant's place in the pool. Its process is gone after a crash or a kill, until the next use. */
interface Slot {
  readonly id: string;
  readonly tenant: string;
  process: SandboxProcess | undefined;
  /** Uses that run or wait. They take turns, so that a probe never mistakes work for a hang. */
  users: number;
  lastTurn: Promise<unknown>;
  lastUsedAt: number;
}

export interface PoolOptions {
  readonly sandboxIdleMs: number;
  readonly execTimeoutMs: number;
}

/** One sandbox process for each tenant that uses one: started, probed, rebuilt, reaped. */
export class SandboxPool {
  readonly #options: PoolOptions;
  readonly #slots = new Map<string, Slot>();
  readonly #timers: NodeJS.Timeout[];

  constructor(options: PoolOptions) {
    this.#options = options;
    const reapIntervalMs = Math.min(Math.max(options.sandboxIdleMs / 4, 20), 5_000);
    this.#timers = [
      setInterval(() => {
        this.#reapIdle();
      }, reapIntervalMs).unref(),
      setInterval(() => {
        this.#probeIdle();
      }, PROBE_INTERVAL_MS).unref(),
    ];
  }

  /** Runs an instruction in the tenant's sandbox. Rejects when there is none to be had. */
  async execute(
    tenant: string,
    { instruction, signal }: { instruction: Instruction; signal: AbortSignal },
  ): Promise<Reply> {
    const slot = this.#slotOf(tenant);
    return this.#inTurn(slot, async () => {
      signal.throwIfAborted();
      try {
        await this.#makeReady(slot);
        return await this.#dispatch(slot, instruction);
      } finally {
        slot.lastUsedAt = performance.now();
      }
    });
  }

  /** Ends every sandbox. */
  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
    for (const slot of this.#slots.values()) this.#discard(slot);
  }

  async #makeReady(slot: Slot): Promise<void> {
    if (slot.process === undefined) {
      slot.process = await sandbox.start(slot, () => this.#startProcess(slot));
    } else if (!(await slot.process.answers())) {
      await this.#rebuild(slot);
    }
  }

  async #rebuild(slot: Slot): Promise<void> {
    const unresponsive = slot.process;
    slot.process = undefined;
    unresponsive?.kill();
    slot.process = await sandbox.rebuild(slot, () => this.#startProcess(slot));
  }

  #startProcess(slot: Slot): Promise<SandboxProcess> {
    return SandboxProcess.start((ended) => {
      if (slot.process === ended) this.#discard(slot);
    });
  }

  #dispatch(slot: Slot, instruction: Instruction): Promise<Reply> {
    const process = slot.process;
    if (process === undefined) throw new Error('the sandbox ended');
    return exec.run({ sandbox: slot.id }, async (run) => {
      let reply =
        instruction.kind === 'hang'
          ? await process.hang()
          : await process.evaluate(instruction.source, this.#options.execTimeoutMs);
      if (reply === 'nothing') {
        reply = { result: process.ended ? 'error' : 'timeout', output: '', truncated: false };
        this.#discard(slot);
      }
      if (reply.truncated) run.truncated();
      run.end(reply.result);
      return reply;
    });
  }

  /** Ends the process and leaves the slot without one. */
  #discard(slot: Slot): void {
    if (slot.process === undefined) return;
    slot.process.kill();
    slot.process = undefined;
    sandbox.stopped(slot.id);
  }

  #reapIdle(): void {
    const idleSince = performance.now() - this.#options.sandboxIdleMs;
    for (const slot of this.#slots.values()) {
      if (slot.users > 0 || slot.lastUsedAt > idleSince) continue;
      this.#slots.delete(slot.tenant);
      if (slot.process === undefined) continue;
      sandbox.reaped(slot.id);
      const reaped = slot.process;
      slot.process = undefined;
      reaped.kill();
    }
  }

  #probeIdle(): void {
    for (const slot of this.#slots.values()) {
      if (slot.users > 0 || slot.process === undefined) continue;
      // A sandbox that cannot be rebuilt is started by whoever needs it next.
      this.#inTurn(slot, () => this.#makeReady(slot)).catch(() => undefined);
    }
  }

  #slotOf(tenant: string): Slot {
    const known = this.#slots.get(tenant);
    if (known !== undefined) return known;
    if (this.#slots.size >= MAX_SANDBOXES) throw new Error('all sandboxes are in use');
    const slot: Slot = {
      id: `tenant-${tenant}`,
      tenant,
      process: undefined,
      users: 0,
      lastTurn: Promise.resolve(),
      lastUsedAt: performance.now(),
    };
    this.#slots.set(tenant, slot);
    return slot;
  }

  #inTurn<T>(slot: Slot, use: () => Promise<T>): Promise<T> {
    slot.users++;
    const turn = slot.lastTurn.then(use).finally(() => {
      slot.users--;
    });
    slot.lastTurn = turn.catch(() => undefined);
    return turn;
  }
}
