import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { RULES_SCHEMA } from '../../../src/config/rules-table.js';
import { MISTAKES, VALID_FILES } from './rules-cases.js';

const validate = new Ajv2020({
  strict: true,
  strictRequired: false,
  allowUnionTypes: true,
}).compile(RULES_SCHEMA);

for (const [i, file] of VALID_FILES.entries()) {
  test(`a file without mistakes has the published form (${i})`, () => {
    assert.ok(validate(file), JSON.stringify(validate.errors));
  });
}

for (const { what, file, beyondSchema = false } of MISTAKES) {
  test(`the schema ${beyondSchema ? 'cannot refuse' : 'refuses'} ${what}`, () => {
    assert.equal(validate(file), beyondSchema);
  });
}
