/** What the upstream says to a prompt, in the pieces that it streams. */
export interface Answer {
  readonly pieces: readonly string[];
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** A failure that the prompt asked for. */
export type Failure = '429' | '5xx' | 'reset';

const MAX_ECHOED_WORDS = 40;
const MAX_ECHOED_LENGTH = 32;

/** Answers with figures about the prompt and its first words; a word counts as a token. */
export function answerTo(prompt: string): Answer {
  const words = prompt.split(/\s+/).filter((word) => word !== '');
  const echoed = words
    .slice(0, MAX_ECHOED_WORDS)
    .map((word) => word.slice(0, MAX_ECHOED_LENGTH).toWellFormed());
  const text = `The prompt has ${words.length} words and ${prompt.length} characters. It begins: ${echoed.join(' ')}`;
  const pieces = text.match(/\S+\s*/g) ?? [text];
  return { pieces, inputTokens: Math.max(words.length, 1), outputTokens: pieces.length };
}

/** The failure that a prompt asks for. It holds for every attempt: nothing is remembered. */
export function failureIn(prompt: string): Failure | undefined {
  return /\bfail:(429|5xx|reset)\b/.exec(prompt)?.[1] as Failure | undefined;
}
