import { expect, it } from 'vitest';
import { compiledSchemas } from '../../../rolldown.schemas.ts';
import { ownSchemaData } from '../../../src/engine/validate/own-schema-data.ts';
import { SCHEMA_FILES } from '../../../src/engine/validate/own-schemas.ts';

it('what is built has the schemas of schemas/ in it', async () => {
  const code = `data:text/javascript,${encodeURIComponent(compiledSchemas())}`;
  const built: { readonly ownSchemaData: typeof ownSchemaData } = await import(code);
  for (const name of Object.values(SCHEMA_FILES)) {
    const data = ownSchemaData(name);
    expect(data.nodes.length).toBeGreaterThan(10);
    expect(built.ownSchemaData(name)).toEqual(data);
  }
});
