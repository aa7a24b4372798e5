import type { ExpositionFamily } from './text.js';
import type { TextWriter } from './text-writer.js';

const TOTAL = '_total';

/**
 * Writes families in the OpenMetrics 1.0 text format, and pauses between slices. A counter's
 * family goes by its name without `_total`; a documented counter that does not end so cannot
 * be a counter there and is `unknown`.
 */
export function* renderOpenMetrics(
  families: Iterable<ExpositionFamily>,
  writer: TextWriter,
): Generator<void> {
  for (const family of families) {
    const { name, type } = nameAndType(family);
    writer.text(`# TYPE ${name} ${type}\n# HELP ${name} ${escapeHelp(family.help)}\n`);
    yield* family.writeSamples(writer);
  }
  writer.text('# EOF\n');
}

function nameAndType({ name, type }: ExpositionFamily): { name: string; type: string } {
  if (type === 'counter') {
    return name.endsWith(TOTAL)
      ? { name: name.slice(0, -TOTAL.length), type }
      : { name, type: 'unknown' };
  }
  return { name, type: type === 'untyped' ? 'unknown' : type };
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}
