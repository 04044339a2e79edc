export type { DefinitionStore } from './definitions/definition-store.ts';
export { definitionFiles, memoryDefinitions } from './definitions/definition-store.ts';
export type { Definition } from './definitions/definition.ts';
export { formatDefinition, parseDefinition } from './definitions/definition.ts';
export { isAttributeName } from './definitions/names.ts';
export { alreadyDefined } from './definitions/problems.ts';
export type { DefinitionRef, StoredDefinition } from './definitions/read.ts';
export { listDefinitions, readDefinition } from './definitions/read.ts';
export { defineFile, undefineFile, updateFile } from './definitions/write.ts';
