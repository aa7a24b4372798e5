import { show } from './numbers.mjs';

const range = ({ median, min, max }, unit = '') =>
  `${show(median)}${unit} (${show(min)}–${show(max)})`;

/** What a target asks, and what came of it. */
export function verdict(target, unit) {
  const { ours, peer, atMost, atLeast, faster, below, exponent, value, reached } = target;
  const wanted =
    exponent !== undefined
      ? `grows with the power ${exponent} at most: ${show(value)}`
      : below !== undefined
        ? `below ${show(below)} ${unit}: ${show(value)}`
        : faster !== undefined
          ? `${faster} × faster than ${peer}: ${show(value)} ×`
          : atMost !== undefined
            ? `at most ${atMost} × ${peer}: ${show(value)} ×`
            : `at least ${atLeast} × ${peer}: ${show(value)} ×`;
  return `${ours}: ${wanted}, reached: ${reached ? 'yes' : 'no'}`;
}

/** The rows of one measure's table: a stack each. */
export function tableOf(measure) {
  const { unit, targets } = measure;
  const verdicts = targets.map((target) => verdict(target, unit));
  return { ...(measure.growth ? growthTable(measure) : stackTable(measure)), verdicts };
}

function growthTable({ unit, growth }) {
  const [{ figures: sizes }] = growth;
  const head = ['stack', ...sizes.map(({ size }) => `${unit} at ${show(size)}`), 'power'];
  const body = growth.map(({ stack, figures, exponent }) => [
    stack,
    ...figures.map(({ median }) => show(median)),
    show(exponent),
  ]);
  return { head, body };
}

function stackTable({ unit, over, figures, ratios }) {
  const names = [...new Set(ratios.map(({ ours }) => ours))];
  const head = ['stack', unit, ...(over ? [`over ${over}`] : []), ...names.map((o) => `${o} ÷ it`)];
  const body = figures.map(({ stack, over: cost, ...figure }) => [
    stack,
    range(figure),
    ...(over ? [cost ? range(cost) : ''] : []),
    ...names.map((ours) => {
      const ratio = ratios.find((r) => r.ours === ours && r.peer === stack);
      return ratio === undefined ? '' : range(ratio);
    }),
  ]);
  return { head, body };
}

/** @param {{ head: string[], body: string[][] }} table */
function aligned({ head, body }) {
  const rows = [head, ...body];
  const widths = head.map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  return rows.map((row) =>
    `  ${row.map((cell, i) => cell.padEnd(widths[i])).join('  ')}`.trimEnd(),
  );
}

/** A row for the terminal. */
export function printed({ name, title, work, measures, notes = [] }) {
  const lines = [`${name}: ${title}`, `  ${work}`];
  for (const measure of measures) {
    const table = tableOf(measure);
    lines.push(`  [${measure.name}]`, ...aligned(table), ...table.verdicts.map((v) => `  ${v}`));
  }
  return [...lines, ...notes.map((note) => `  ${note}`), ''].join('\n');
}

const pipeTable = (head, body) =>
  [head, head.map(() => '---'), ...body].map((row) => `| ${row.join(' | ')} |`);

/** Ours, the peers and the targets of all rows, for the document. */
export function markdown({ machine, rows }) {
  const lines = [
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node.slice(1)}, load by ${machine.load}.`,
    '',
    '### Targets',
    '',
    ...pipeTable(
      ['row', 'measure', 'target', 'reached'],
      rows.flatMap((row) =>
        row.measures.flatMap((measure) =>
          measure.targets
            .filter(({ ours }) => !ours.includes('@'))
            .map((target) => {
              const [, wanted, reached] =
                /^(.*), reached: (yes|no)$/.exec(verdict(target, measure.unit)) ?? [];
              return [`\`${row.name}\``, measure.name, wanted, reached];
            }),
        ),
      ),
    ),
    '',
    '### Figures',
    '',
    'Medians, with the least and the most of all rounds.',
  ];
  for (const { name, title, work, measures, notes = [] } of rows) {
    lines.push('', `#### ${title}`, '', `\`npm run bench -- ${name}\`: ${work}`);
    for (const measure of measures) {
      const { head, body } = tableOf(measure);
      lines.push('', `${measure.name}:`, '', ...pipeTable(head, body));
    }
    if (notes.length > 0) lines.push('', ...notes);
  }
  return lines.join('\n');
}
