import { ARBITER } from './arbiter.js';
import { ASH } from './ash.js';
import type { Surface } from './documented.js';
import type { Dialect } from './vocabulary.js';
import { WASMRUN } from './wasmrun.js';

/** The three documented surfaces, in the order in which `/metrics` shows them. */
export const SURFACES: readonly Surface[] = [WASMRUN, ASH, ARBITER];

/** The surfaces a dialect serves: its own, or all three when none is chosen. */
export function surfacesOf(dialect: Dialect | undefined): readonly Surface[] {
  return dialect === undefined
    ? SURFACES
    : SURFACES.filter((surface) => surface.dialect === dialect);
}
