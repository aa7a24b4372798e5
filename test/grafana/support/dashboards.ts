import { readdirSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../support/paths.js';
import { readText } from '../../prometheus/support/rules.js';

interface DataSource {
  readonly type: string;
  readonly uid: string;
}

export interface Target {
  readonly expr: string;
  readonly legendFormat: string;
  readonly refId: string;
  readonly datasource: DataSource;
}

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly datasource?: DataSource;
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly fieldConfig?: {
    readonly defaults: {
      readonly unit: string;
      readonly thresholds: { readonly steps: readonly { readonly value: number | null }[] };
    };
  };
  readonly targets?: readonly Target[];
}

export interface Variable {
  readonly name: string;
  readonly type: string;
  readonly definition?: string;
  readonly datasource?: DataSource;
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly schemaVersion: number;
  readonly templating: { readonly list: readonly Variable[] };
  readonly panels: readonly Panel[];
}

/** The dashboards by the name of their file. */
export const DASHBOARDS: ReadonlyMap<string, Dashboard> = new Map(
  readdirSync(path.join(ROOT, 'grafana/dashboards'))
    .sort()
    .map((file) => [
      file.replace('.json', ''),
      JSON.parse(readText(`grafana/dashboards/${file}`)) as Dashboard,
    ]),
);

/** A query of a panel, and where it stands. */
export interface PanelQuery {
  readonly dashboard: string;
  readonly panel: string;
  readonly expr: string;
}

export function queriesOf(name: string, { panels }: Dashboard): PanelQuery[] {
  return panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({ dashboard: name, panel: title, expr })),
  );
}

/** A query as Grafana would send it, with every value of each variable chosen. */
export function expand(query: string, values: Readonly<Record<string, string>> = {}): string {
  return query
    .replaceAll('$__rate_interval', '1m')
    .replaceAll(/\$(instance|tenant|provider)\b/g, (_, name) => values[String(name)] ?? '.*');
}
