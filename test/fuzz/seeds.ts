import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/host/package-root.ts';
import { corpusFiles } from '../support/corpus.ts';

/** Documents that mutations start from, by kind: ours, and libvirt's where they were fetched. */
export interface Seeds {
  readonly nodedev: readonly string[];
  readonly domain: readonly string[];
  readonly profile: readonly string[];
  readonly definition: readonly string[];
}

export function readSeeds(): Seeds {
  const ours = (folder: string) => textsIn(join(packageRoot(), folder), '.xml');
  const theirs = (folder: string, ending: string) => corpusFiles(folder, ending).map(textOf);
  return {
    nodedev: [
      ...ours('samples'),
      ...ours('test/nodedev/documents'),
      ...theirs('nodedevschemadata', '.xml'),
    ],
    domain: [...ours('samples/domains'), ...theirs('qemuxmlconfdata', '-latest.xml')],
    profile: ours('samples/hosts'),
    definition: [...DEFINITIONS, ...theirs('nodedevmdevctldata', '.json')],
  };
}

const DEFINITIONS = [
  '{\n  "mdev_type": "nvidia-18",\n  "start": "manual",\n  "attrs": []\n}',
  '{"mdev_type":"vfio_ap-passthrough","start":"auto","attrs":[{"assign_adapter":"5"}],"x":{"y":[1]}}',
];

function textsIn(folder: string, ending: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .toSorted()
    .map((name) => textOf(join(folder, name)));
}

function textOf(file: string): string {
  return readFileSync(file, 'utf8');
}
