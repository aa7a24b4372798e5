import type { TextWriter } from './text-writer.js';

/** A metric family that is ready to be written, in either format. */
export interface ExpositionFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  /**
   * Writes its samples: whole lines of the text format 0.0.4, each with its line feed. Pauses
   * now and then, so that a page of many series holds up nobody else.
   */
  readonly writeSamples: (writer: TextWriter) => Iterable<void>;
}

/** Writes families in the Prometheus text exposition format 0.0.4, and pauses between slices. */
export function* renderText(
  families: Iterable<ExpositionFamily>,
  writer: TextWriter,
): Generator<void> {
  for (const { name, type, help, writeSamples } of families) {
    writer.text(`# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n`);
    yield* writeSamples(writer);
  }
}

/** A sample's name with its labels, as both formats write it. */
export function sampleName(
  name: string,
  labels: readonly { readonly name: string; readonly value: string }[],
): string {
  if (labels.length === 0) return name;
  const pairs = labels.map((label) => `${label.name}="${escapeLabelValue(label.value)}"`);
  return `${name}{${pairs.join(',')}}`;
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

export function escapeLabelValue(value: string): string {
  return escapeHelp(value).replaceAll('"', '\\"');
}
