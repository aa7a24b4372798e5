/**
 * A metric family that is ready to be written, in either format. `samples` is whole lines
 * of the text format 0.0.4, each with its line feed.
 */
export interface ExpositionFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: string;
}

/** Writes families in the Prometheus text exposition format 0.0.4. */
export function renderText(families: readonly ExpositionFamily[]): string {
  let text = '';
  for (const { name, type, help, samples } of families) {
    text += `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n${samples}`;
  }
  return text;
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

function escapeLabelValue(value: string): string {
  return escapeHelp(value).replaceAll('"', '\\"');
}
