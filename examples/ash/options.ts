import { parseArgs } from 'node:util';

export interface Options {
  readonly port: number;
  readonly maxSandboxes: number;
  readonly warmSpares: number;
}

export const USAGE = 'serve:ash [-- --warm N --max-sandboxes N], with the port in PORT';

const MOST_SANDBOXES = 1_000;

/** Reads the command line and `PORT`; throws what is to be said about them. */
export function readOptions(args: string[], env: NodeJS.ProcessEnv): Options {
  const { values } = parseArgs({
    args,
    options: { warm: { type: 'string' }, 'max-sandboxes': { type: 'string' } },
  });
  const maxSandboxes = integer('--max-sandboxes', values['max-sandboxes'] ?? '16', {
    min: 1,
    max: MOST_SANDBOXES,
  });
  return {
    port: integer('PORT', env['PORT'] ?? '4100', { min: 0, max: 65_535 }),
    maxSandboxes,
    warmSpares: integer('--warm', values.warm ?? '1', { min: 0, max: maxSandboxes }),
  };
}

function integer(name: string, text: string, { min, max }: { min: number; max: number }): number {
  const value = /^\d{1,6}$/.test(text) ? Number(text) : NaN;
  if (value >= min && value <= max) return value;
  throw new RangeError(`${name} is ${JSON.stringify(text)}, but must be from ${min} to ${max}`);
}
