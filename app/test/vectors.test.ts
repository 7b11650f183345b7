import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readAnyJson } from '../src/messages/json.js';
import { checkVector, type Vector } from './check-vector.js';

/** Every vector that the Java implementation checks, too: see the README beside them. */
const directory = fileURLToPath(new URL('../../../src/test/resources/messages/', import.meta.url));

for (const file of readdirSync(directory)
  .filter((name) => name.endsWith('.json'))
  .sort()) {
  const { vectors } = readAnyJson(readFileSync(directory + file)) as unknown as { readonly vectors: readonly Vector[] };
  describe(file, () => {
    assert.ok(vectors.length > 0);
    for (const vector of vectors) {
      test(vector.name, () => {
        const result = checkVector(vector);
        assert.equal(result.ok ? 'valid' : result.reason, vector.refused ?? 'valid');
      });
    }
  });
}
