/** A message as the agent understands it. */
export interface Task {
  /** Milliseconds to think before the first chunk. */
  readonly thinkMs: number;
  /** Whether the process dies instead of finishing. */
  readonly crash: boolean;
  /** The answer, in the pieces it is streamed in. */
  readonly chunks: readonly string[];
}

const DEFAULT_THINK_MS = 4;
const MAX_THINK_MS = 60_000;
const MAX_WORDS = 5_000;
const WORDS_A_CHUNK = 4;

/**
 * Reads a message: `sleep:MS` and `words:N` may stand anywhere in it, and `crash` counts when
 * nothing but such directives is there, so that one can still talk about crashes.
 */
export function readTask(content: string): Task {
  let thinkMs = DEFAULT_THINK_MS;
  let length: number | undefined;
  const text: string[] = [];
  for (const token of content.split(/\s+/).filter(Boolean)) {
    const [, directive, amount] = /^(sleep|words):(\d{1,6})$/.exec(token) ?? [];
    if (directive === 'sleep') thinkMs = Math.min(Number(amount), MAX_THINK_MS);
    else if (directive === 'words') length = Math.max(1, Math.min(Number(amount), MAX_WORDS));
    else text.push(token);
  }
  const crash = text.length === 1 && text[0] === 'crash';
  const words = crash ? [] : tokenise(text.join(' '));
  if (length !== undefined) return { thinkMs, crash, chunks: inChunks(recite(words, length)) };
  return { thinkMs, crash, chunks: crash ? [] : inChunks(summarise(words)) };
}

function tokenise(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}']+/gu) ?? [];
}

/** What the agent has to say about a message: how often each of its words occurs. */
function summarise(words: readonly string[]): string[] {
  if (words.length === 0) return ['There', 'was', 'nothing', 'to', 'read.'];
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const ranking = [...counts]
    .sort(([a, first], [b, second]) => second - first || a.localeCompare(b))
    .map(([word, count]) => `${word} (${count})`);
  return `Words: ${words.length}, different: ${counts.size}. ${ranking.join(', ')}.`.split(' ');
}

/** Says the words of a message over and over, until there are `length` of them. */
function recite(words: readonly string[], length: number): string[] {
  const verse = words.length > 0 ? words : ['ash', 'to', 'ash'];
  return Array.from({ length }, (_, index) => verse[index % verse.length] ?? '');
}

function inChunks(words: readonly string[]): string[] {
  const chunks: string[] = [];
  for (let from = 0; from < words.length; from += WORDS_A_CHUNK) {
    chunks.push(`${words.slice(from, from + WORDS_A_CHUNK).join(' ')} `);
  }
  return chunks;
}
