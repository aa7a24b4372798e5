import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createReport, REPORT_LEVELS, type ReportLevel } from '../../../src/log/self-report.js';

function linesOf(
  level: ReportLevel,
  json = false,
): { lines: string[]; report: ReturnType<typeof createReport> } {
  const lines: string[] = [];
  return { lines, report: createReport({ level, json, write: (line) => lines.push(line) }) };
}

const SAYABLE = ['error', 'warn', 'info', 'debug'] as const;

for (const level of REPORT_LEVELS) {
  test(`at level ${level} that level and what stands before it are said`, () => {
    const { lines, report } = linesOf(level);
    for (const said of SAYABLE) report(said, 'x');
    const expected = REPORT_LEVELS.slice(1, REPORT_LEVELS.indexOf(level) + 1);
    assert.deepEqual(
      lines,
      expected.map((said) => `agent-otel ${said}: x\n`),
    );
  });
}

test('a message is one bounded line, whatever an error’s text holds', () => {
  const { lines, report } = linesOf('warn');
  report('warn', `a\nb\r\n\0c\u2028d\u001b[31me${'x'.repeat(5_000)}`);
  assert.match(lines[0] ?? '', /^agent-otel warn: a b c d \[31mex+\n$/);
  assert.ok((lines[0]?.length ?? 0) < 1_100);
});

test('where every line is JSON our own messages are objects too', () => {
  const { lines, report } = linesOf('warn', true);
  report('warn', 'a "quoted"\nmessage');
  const { ts, ...rest } = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
  assert.match(String(ts), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.deepEqual(rest, { type: 'agent-otel', level: 'warn', message: 'a "quoted" message' });
  assert.match(lines[0] ?? '', /^[^\n]+\n$/);
});

test('the error behind a message is said with it, whatever it is', () => {
  const { lines, report } = linesOf('warn');
  const broken = {
    toString(): string {
      throw new Error('again');
    },
  };
  for (const error of [new Error('no\npool'), 'text', Object.create(null), broken, undefined]) {
    report('warn', 'x', error);
  }
  const said = [
    'x: Error: no pool',
    'x: text',
    'x: an error without a text',
    'x: an error without a text',
    'x',
  ];
  assert.deepEqual(
    lines,
    said.map((text) => `agent-otel warn: ${text}\n`),
  );
});
