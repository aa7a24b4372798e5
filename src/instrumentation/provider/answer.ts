import type { ProviderAnswer, TokenUsage } from '../../events/provider-recording.js';

type Json = Readonly<Record<string, unknown>>;

/** Reads an answer's body as it passes, whoever it passes to. */
export interface AnswerReader {
  readonly answer: Answer;
  /** Whether the body is a stream of documents rather than one. */
  readonly isStream: boolean;
  read(chunk: Uint8Array): void;
  /** The body is complete: tells when all of it has been read, mostly at once. */
  end(onRead: () => void): void;
}

/**
 * What a provider's answer says about itself, gathered from the JSON documents it consists
 * of: one, or many in a stream. The providers' formats differ in names and nesting alone, so
 * one reader knows them all. Of the answer's text nothing is taken.
 */
export class Answer {
  id: string | undefined;
  model: string | undefined;
  readonly finishReasons: string[] = [];
  /** The error object, where the provider reported one. */
  error: unknown;
  /** Whether the provider said that nothing more comes. */
  isFinished = false;
  #inputTokens: number | undefined;
  #outputTokens: number | undefined;

  /** Tokens as last reported; unknown is undefined. */
  get usage(): TokenUsage {
    return { inputTokens: this.#inputTokens, outputTokens: this.#outputTokens };
  }

  /** What goes on a span. */
  get facts(): Pick<ProviderAnswer, 'id' | 'model' | 'finishReasons'> {
    return { id: this.id, model: this.model, finishReasons: this.finishReasons };
  }

  add(document: unknown): void {
    // Gemini streams one JSON array unless it is asked for server-sent events.
    if (Array.isArray(document)) for (const element of document) this.add(element);
    if (!isObject(document)) return;
    // Responses API events hold a `response`, Anthropic's a `message` or a `delta`.
    this.#addPart(document);
    for (const name of PARTS) {
      const part = document[name];
      if (isObject(part)) this.#addPart(part);
    }
    // The first event of Anthropic's stream has a placeholder for the output.
    if (document['type'] === 'message_start') this.#outputTokens = undefined;
    if (
      FINISHED.has(document['type']) ||
      document['done'] === true ||
      document[BEDROCK_METRICS] !== undefined
    ) {
      this.isFinished = true;
    }
  }

  #addPart(part: Json): void {
    this.id ??= identifier(part['id']) ?? identifier(part['responseId']);
    this.model ??= identifier(part['model']) ?? identifier(part['modelVersion']);
    if (part['error'] != null) this.error = part['error'];
    else if (part['type'] === 'error') this.error = part;
    this.#addUsage(part);
    this.#addReason(part);
    const choices = part['choices'] ?? part['candidates'];
    if (!Array.isArray(choices)) return;
    for (const choice of choices) if (isObject(choice)) this.#addReason(choice);
  }

  #addReason(choice: Json): void {
    if (this.finishReasons.length >= MAX_REASONS) return;
    for (const key of REASONS) {
      const reason = identifier(choice[key]);
      if (reason === undefined) continue;
      this.finishReasons.push(reason);
      return;
    }
  }

  /** Streams repeat their counts as they grow; some events have one of the two. */
  #addUsage(part: Json): void {
    this.#addCounts(part);
    for (const name of USAGES) {
      const usage = part[name];
      if (isObject(usage)) this.#addCounts(usage);
    }
  }

  #addCounts(usage: Json): void {
    // Cohere reports what it counted and what it bills; the conventions want the latter.
    const counts = isObject(usage['billed_units']) ? usage['billed_units'] : usage;
    if (!hasCounts(counts)) return;
    this.#inputTokens = larger(this.#inputTokens, sum(counts, INPUT));
    this.#outputTokens = larger(this.#outputTokens, sum(counts, OUTPUT));
  }
}

/** What Bedrock adds to the last document of a stream. */
const BEDROCK_METRICS = 'amazon-bedrock-invocationMetrics';
/** Where a document may have a part that says the same as a whole one. */
const PARTS = ['response', 'message', 'delta'];
/** Where counts of tokens may stand, apart from the document itself. */
const USAGES = ['usage', 'usageMetadata', BEDROCK_METRICS, 'meta'];
/** Types of the events that end a stream. */
const FINISHED = new Set<unknown>([
  'message_stop',
  'response.completed',
  'response.failed',
  'response.incomplete',
]);
const REASONS = ['finish_reason', 'stop_reason', 'finishReason', 'stopReason', 'done_reason'];
const MAX_REASONS = 16;

/**
 * Names of token counts: each group is one format's, and adds up to the input. OpenAI's and
 * Gemini's counts include what was cached; Anthropic's and Bedrock's leave it out.
 */
const INPUT = [
  ['prompt_tokens'],
  ['input_tokens', 'cache_creation_input_tokens', 'cache_read_input_tokens'],
  ['promptTokenCount', 'toolUsePromptTokenCount'],
  ['inputTokens', 'cacheReadInputTokens', 'cacheWriteInputTokens'],
  ['inputTokenCount'],
  ['prompt_eval_count'],
];
/** The same for the output, where Gemini counts thoughts apart. */
const OUTPUT = [
  ['completion_tokens'],
  ['output_tokens'],
  ['candidatesTokenCount', 'thoughtsTokenCount'],
  ['outputTokens'],
  ['outputTokenCount'],
  ['eval_count'],
];

const COUNTS = new Set([INPUT, OUTPUT].flat(2));

/** Most documents have none: then a look at their few names spares one at all of ours. */
function hasCounts(counts: Json): boolean {
  for (const name in counts) if (COUNTS.has(name)) return true;
  return false;
}

/** The sum of the first group that the provider reports anything of. */
function sum(counts: Json, groups: readonly (readonly string[])[]): number | undefined {
  for (const group of groups) {
    let total: number | undefined;
    for (const name of group) {
      const count = counts[name];
      if (typeof count === 'number') total = (total ?? 0) + count;
    }
    if (total !== undefined) return total;
  }
  return undefined;
}

function larger(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);
}

/** A name that a provider gave, and never a text that a model wrote. */
function identifier(value: unknown): string | undefined {
  return typeof value === 'string' && /^[\w.:/@+-]{1,256}$/.test(value) ? value : undefined;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
