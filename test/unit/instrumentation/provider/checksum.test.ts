import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32, createCrc32 } from '../../../../src/instrumentation/provider/checksum.js';

/** Texts and their checksums, the first as catalogues of CRCs have it. */
const KNOWN: readonly (readonly [Buffer, number])[] = [
  [Buffer.from(''), 0],
  [Buffer.from('123456789'), 0xcbf4_3926],
  [Buffer.alloc(32), 0x190a_55ad],
  [Buffer.alloc(32, 0xff), 0xff6c_ab0b],
  [Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)), 0x2905_8c73],
];

for (const [whose, checksumOf] of Object.entries({ "Node's": crc32, 'our own': createCrc32() })) {
  test(`${whose} checksum is CRC-32, however the bytes were cut`, () => {
    for (const [bytes, checksum] of KNOWN) {
      assert.equal(checksumOf(bytes, 0), checksum);
      for (const cut of [1, 7, 31]) {
        const before = checksumOf(bytes.subarray(0, cut), 0);
        assert.equal(checksumOf(bytes.subarray(cut), before), checksum);
      }
    }
  });
}
