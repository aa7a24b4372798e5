/** What has been patched, and how it is undone. */
export class Patches {
  readonly #restores = new Map<object, () => void>();

  has(target: object): boolean {
    return this.#restores.has(target);
  }

  add(target: object, restore: () => void): void {
    this.#restores.set(target, restore);
  }

  restore(): void {
    for (const restore of this.#restores.values()) restore();
    this.#restores.clear();
  }
}
