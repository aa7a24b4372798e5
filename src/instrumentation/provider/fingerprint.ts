/**
 * Tells one body from another by 53 bits. Two that differ may share one by chance, and somebody
 * who wants to can make them: good enough to tell a retry, whose request fails for a reason of
 * its own, and a tenth of what a cryptographic digest costs for a short body.
 */
export class Fingerprint {
  #low = 0x811c_9dc5 | 0;
  #high = 0x9e37_79b9 | 0;
  #isEmpty = true;

  add(bytes: Uint8Array): void {
    let low = this.#low;
    let high = this.#high;
    // Two hashes of the kind of Fowler, Noll and Vo, with multipliers of their own.
    for (const byte of bytes) {
      low = Math.imul(low ^ byte, 0x0100_0193);
      high = Math.imul(high ^ byte, 0x85eb_ca6b);
    }
    this.#low = low;
    this.#high = high;
    if (bytes.length > 0) this.#isEmpty = false;
  }

  /** Undefined for no bytes at all. */
  digest(): string | undefined {
    if (this.#isEmpty) return undefined;
    return ((this.#high >>> 11) * 2 ** 32 + (this.#low >>> 0)).toString(36);
  }
}
