// Writes kubernetes/prometheus-rule.yaml from prometheus/rules; with --check it only says
// whether it is up to date. The text is moved, not parsed, so that comments come along.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';

const RULES = 'prometheus/rules';
const FILE = 'kubernetes/prometheus-rule.yaml';

/** One resource for each file of rules: a cluster takes those whose servers it runs. */
const resource = (file) => `---
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: ${file.replace('.yml', '-rules')}
  labels:
    app.kubernetes.io/part-of: agent-otel
spec:
${readFileSync(`${RULES}/${file}`, 'utf8').replaceAll(/^(?=.)/gm, '  ')}`;

const page = `# Generated from ${RULES} by scripts/prometheus-rule.mjs; do not edit.
${readdirSync(RULES).sort().map(resource).join('')}`;

const text = await format(page, { parser: 'yaml', printWidth: 100, singleQuote: true });
if (!process.argv.includes('--check')) {
  writeFileSync(FILE, text);
} else if (readFileSync(FILE, 'utf8') !== text) {
  console.error(`${FILE} does not match ${RULES}: run node scripts/prometheus-rule.mjs`);
  process.exitCode = 1;
}
