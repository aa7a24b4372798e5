import { provider, type Provider } from 'agent-otel';
import { createBreaker, type Breaker } from '../breaker.js';
import { createAnthropic } from './anthropic.js';
import { createGemini } from './gemini.js';
import type { ModelClient } from './model-client.js';
import { createOllama } from './ollama.js';
import { createOpenAI } from './openai.js';

const DEADLINE_MS = 60_000;

const CLIENTS: Record<Provider, (upstreamUrl: string) => ModelClient> = {
  anthropic: createAnthropic,
  openai: createOpenAI,
  gemini: createGemini,
  ollama: createOllama,
};

export function isProvider(name: unknown): name is Provider {
  return typeof name === 'string' && Object.hasOwn(CLIENTS, name);
}

/** A question for one provider, on behalf of a client that may leave. */
export interface Question {
  readonly provider: Provider;
  readonly prompt: string;
  readonly client: AbortSignal;
  onText(text: string): void;
}

/** All four providers, each behind a circuit breaker of its own. */
export class Providers {
  readonly #known: Record<Provider, { client: ModelClient; breaker: Breaker }>;

  constructor(options: { readonly upstreamUrl: string; readonly breakerResetMs: number }) {
    const connect = (name: Provider): { client: ModelClient; breaker: Breaker } => ({
      client: CLIENTS[name](options.upstreamUrl),
      breaker: createBreaker(name, { resetMs: options.breakerResetMs }),
    });
    this.#known = {
      anthropic: connect('anthropic'),
      openai: connect('openai'),
      gemini: connect('gemini'),
      ollama: connect('ollama'),
    };
  }

  /** Makes one logical call, retries included, and hands the answer on piece by piece. */
  async ask(question: Question): Promise<void> {
    question.client.throwIfAborted();
    const { client, breaker } = this.#known[question.provider];
    const signal = AbortSignal.any([question.client, AbortSignal.timeout(DEADLINE_MS)]);
    await breaker.fire(
      () =>
        provider.call(
          { provider: question.provider, model: client.model, signal },
          async (call) => {
            for await (const text of client.stream(question.prompt, { signal, call })) {
              question.onText(text);
            }
            // The official packages end a stream that was called off as if it were complete.
            signal.throwIfAborted();
          },
        ),
      question.client,
    );
  }
}
