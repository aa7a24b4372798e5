import type { Attachment, OnAttachment } from '../../attachments.js';

/** What has been patched, and how it is undone. */
export class Patches {
  readonly #onAttachment: OnAttachment;
  readonly #restores = new Map<object, () => void>();

  constructor(onAttachment: OnAttachment) {
    this.#onAttachment = onAttachment;
  }

  has(target: object): boolean {
    return this.#restores.has(target);
  }

  add(target: object, patch: Omit<Attachment, 'attached'> & { restore: () => void }): void {
    const { restore, ...attachment } = patch;
    this.#restores.set(target, restore);
    this.#onAttachment({ ...attachment, attached: true });
  }

  /** A framework is there, and is not the one that we know. */
  refused(attachment: Omit<Attachment, 'attached'>): void {
    this.#onAttachment({ ...attachment, attached: false });
  }

  restore(): void {
    for (const restore of this.#restores.values()) restore();
    this.#restores.clear();
  }
}
