import { provider, type Provider } from 'agent-otel';
import CircuitBreaker from 'opossum';

/** Runs provider calls while the circuit is closed; rejects with `CircuitOpen` while it is open. */
export interface Breaker {
  fire(call: () => Promise<void>, client: AbortSignal): Promise<void>;
}

/** The circuit is open: the call was not made. */
export class CircuitOpen extends Error {
  override readonly name = 'CircuitOpen';
}

/** The client went away during the call, which says nothing about the provider. */
class CalledOff extends Error {
  override readonly name = 'CalledOff';
}

/** A breaker that opens when more than half of at least five calls in ten seconds failed. */
export function createBreaker(name: Provider, { resetMs }: { resetMs: number }): Breaker {
  const circuit = new CircuitBreaker((call: () => Promise<void>) => call(), {
    name,
    timeout: false,
    volumeThreshold: 5,
    errorThresholdPercentage: 50,
    resetTimeout: resetMs,
    // opossum knows no third outcome: what is no failure counts as a success.
    errorFilter: (error) => error instanceof CalledOff,
  });
  circuit.on('open', () => {
    provider.circuitOpened(name);
  });

  return {
    async fire(call, client) {
      try {
        await circuit.fire(() => unlessCalledOff(call, client));
      } catch (error) {
        throw (error as { code?: unknown }).code === 'EOPENBREAKER' ? new CircuitOpen() : error;
      }
    },
  };
}

async function unlessCalledOff(call: () => Promise<void>, client: AbortSignal): Promise<void> {
  try {
    await call();
  } catch (error) {
    throw client.aborted ? new CalledOff('', { cause: error }) : error;
  }
}
