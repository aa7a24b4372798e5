// Writes docs/metrics.md from the catalog; with --check it only says whether it is up to date.
import { readFileSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { INSTRUMENTS } from '../build/src/catalog/instruments.js';
import { SURFACES } from '../build/src/catalog/surfaces.js';

const FILE = 'docs/metrics.md';
const code = (text) => `\`${text}\``;

const labelText = ({ name, values }) =>
  `${code(name)}: ${values === null ? 'open' : values.map(code).join(', ')}`;

const sourceText = ({ source }) => {
  if ('fact' in source) return `the process (${source.fact})`;
  const name = code(INSTRUMENTS[source.instrument].name);
  return source.field === 'value' ? name : `${name}, ${source.field}`;
};

const surfaceSection = (surface) => `
## ${code(surface.path)} (${surface.dialect})

Content type ${code(surface.contentType)}.

| family | type | labels | meaning | read from |
| --- | --- | --- | --- | --- |
${surface.families
  .map(
    (family) =>
      `| ${code(family.name)} | ${family.type} | ${family.labels.map(labelText).join('; ')} | ${family.help} | ${sourceText(family)} |`,
  )
  .join('\n')}
`;

const instrumentRow = ({ name, kind, unit, attributes, description }) =>
  `| ${code(name)} | ${kind} | ${code(unit)} | ${attributes.map(({ key }) => code(key)).join(', ')} | ${description} |`;

const page = `# Metrics

Generated from the catalog by \`npm run docs\`; do not edit.

Two readers see one ledger: the documented families below, and the canonical OpenTelemetry
instruments at the end, which go out over OTLP and stand on the admin listener's \`/metrics\`.
${SURFACES.map(surfaceSection).join('')}
## Canonical instruments (scope \`agent-otel\`)

| instrument | kind | unit | attributes | meaning |
| --- | --- | --- | --- | --- |
${Object.values(INSTRUMENTS).map(instrumentRow).join('\n')}
`;

const text = await format(page, { parser: 'markdown', printWidth: 100 });
if (!process.argv.includes('--check')) {
  writeFileSync(FILE, text);
} else if (readFileSync(FILE, 'utf8') !== text) {
  console.error(`${FILE} does not match the catalog: run npm run docs`);
  process.exitCode = 1;
}
