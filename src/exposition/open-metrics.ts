import type { ExpositionFamily } from './text.js';

const TOTAL = '_total';

/**
 * Writes families in the OpenMetrics 1.0 text format. A counter's family goes by its name
 * without `_total`; a documented counter that does not end so cannot be a counter there
 * and is `unknown`.
 */
export function renderOpenMetrics(families: readonly ExpositionFamily[]): string {
  let text = '';
  for (const family of families) {
    const { name, type } = nameAndType(family);
    text += `# TYPE ${name} ${type}\n# HELP ${name} ${escapeHelp(family.help)}\n${family.samples}`;
  }
  return `${text}# EOF\n`;
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
