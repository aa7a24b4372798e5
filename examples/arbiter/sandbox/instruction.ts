/** What a message asks of the sandbox. */
export type Instruction =
  { readonly kind: 'run'; readonly source: string } | { readonly kind: 'hang' };

/** The first line of a message that reads `run: <JavaScript>` or `hang:`, if there is one. */
export function instructionIn(message: string): Instruction | undefined {
  const [, kind, source = ''] = /^[ \t]*(run|hang):(.*)$/m.exec(message) ?? [];
  if (kind === undefined) return undefined;
  return kind === 'run' ? { kind, source } : { kind: 'hang' };
}
