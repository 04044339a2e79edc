import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editedDomains, edits, versions } from '../engine/validate/edits.ts';
import { start, URI } from './client.ts';

describe('a document that is typed', () => {
  it('shows in the end what a document shows that is opened with that text', async () => {
    const { type, write } = await start();
    let number = 0;
    await fc.assert(
      fc.asyncProperty(editedDomains, edits, fc.boolean(), async (first, changes, waits) => {
        number += 1;
        const { text, found } = await type(versions(first, changes), `${URI}.${number}`, waits);
        const fresh = await write(text, `${URI}.${number}.fresh`);
        expect(found.diagnostics).toEqual(fresh.diagnostics);
      }),
      { numRuns: 50 },
    );
  });

  it('is not checked as long as more of it has arrived', async () => {
    const { type, shown } = await start();
    const texts = Array.from(
      { length: 500 },
      (_, index) => `<domain>${'x'.repeat(index)}</domain>`,
    );
    const { found } = await type(texts, URI, false);
    expect(JSON.stringify(found.diagnostics)).toContain('xxx');
    expect(shown()).toBeLessThan(texts.length / 2);
  });
});
