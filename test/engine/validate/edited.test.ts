import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { validateDocument } from '../../../src/engine/validate/document.ts';
import { editedDocument } from '../../../src/engine/validate/edited.ts';
import { editedDomains, edits, versions } from './edits.ts';

describe('a document that is edited', () => {
  it('has the findings of each text as if it had never been another', () => {
    fc.assert(
      fc.property(editedDomains, edits, (text, changes) => {
        const validate = editedDocument('vm.xml');
        for (const version of versions(text, changes)) {
          expect(validate(version)).toEqual(validateDocument(version, { file: 'vm.xml' }));
        }
      }),
      { numRuns: 500 },
    );
  });
});
