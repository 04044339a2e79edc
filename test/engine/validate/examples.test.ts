import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Domain, readDomain } from '../../../src/domain/domain.ts';
import type { HostPicture } from '../../../src/policy/picture.ts';
import { validateDocument } from '../../../src/engine/validate/document.ts';
import { validateDocuments } from '../../../src/engine/validate/documents.ts';
import { OTHER_UUID, UUID } from '../../../src/engine/validate/examples/example.ts';
import { ruleExamples } from '../../../src/engine/validate/examples/index.ts';
import { type ValidationRule, validationRules } from '../../../src/engine/validate/rules.ts';
import { readXml } from '../../../src/xml/read.ts';
import { run } from '../../cli/run.ts';
import { activeDevice, definedDevice, domainXml, hostView, mdev } from '../../domain/support.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const grouped = hostView({
  active: [activeDevice({ group: 'a' }), activeDevice({ uuid: OTHER_UUID, group: 'a' })],
});
const with1 = hostView({ active: [activeDevice()] });

/** What `given` says of the host. */
const HOSTS: Readonly<Record<string, HostPicture>> = {
  'host-without-vfio': hostView({ active: [activeDevice()], hasVfio: false }),
  'mdev-not-active': with1,
  'mdev-model-mismatch': with1,
  'mdev-in-use': hostView({
    active: [activeDevice({ group: 'a' })],
    claimed: { a: { name: 'other' } },
  }),
  'mdev-unusable': hostView({
    active: [activeDevice({ obstacle: () => 'no-driver' }), activeDevice({ uuid: OTHER_UUID })],
  }),
  'mdev-start-fails': hostView({
    defined: {
      [UUID]: [definedDevice({ obstacle: 'parent-gone' })],
      [OTHER_UUID]: [definedDevice({ uuid: OTHER_UUID })],
    },
    hasHook: true,
  }),
  'mdev-type-differs': hostView({
    active: [activeDevice(), activeDevice({ uuid: OTHER_UUID })],
    defined: { [UUID]: [definedDevice({ type: 'nvidia-17' })] },
  }),
  'hostdev-function-in-use': hostView({
    active: [activeDevice()],
    functions: { '0000:86:00.0': [UUID] },
  }),
  'hostdev-function-managed': hostView({ types: { '0000:86:00.0': 'given' } }),
  'guest-address-of-host': with1,
  'display-needs-opengl': hostView({
    active: [activeDevice({ type: 'i915-GVTg_V5_4', typeName: undefined })],
  }),
  'mdev-groups-differ': hostView({
    active: [
      activeDevice({ requiresGroup: true, group: 'a' }),
      activeDevice({ requiresGroup: true, uuid: OTHER_UUID, group: 'b' }),
    ],
  }),
  'mdev-group-viommu': hostView({
    active: [
      activeDevice({ requiresGroup: true, group: 'a' }),
      activeDevice({ requiresGroup: true, uuid: OTHER_UUID, group: 'a' }),
    ],
  }),
  'mdev-group-incomplete': grouped,
  'mdev-group-split': grouped,
  'nvidia-vgpus-several': hostView({
    active: [
      activeDevice({ typeName: 'GRID P4-4Q' }),
      activeDevice({ uuid: OTHER_UUID, typeName: 'GRID P4-4Q' }),
    ],
  }),
  'nvidia-vgpus-mixed': hostView({
    active: [
      activeDevice({ typeName: 'NVIDIA A40-48C' }),
      activeDevice({ uuid: OTHER_UUID, typeName: 'NVIDIA A16-8C' }),
    ],
  }),
};

const other = (uuid: string): readonly Domain[] => [
  readDomain(readXml(domainXml(mdev({ uuid }), { name: 'other' })).root),
];

/** What `given` says of other domains. */
const OTHERS: Readonly<Record<string, readonly Domain[]>> = {
  'domain-uuid-twice': [
    readDomain(
      readXml(domainXml('', { name: 'other' }).replace('<name>', `<uuid>${UUID}</uuid><name>`))
        .root,
    ),
  ],
  'mdev-in-two-domains': other(UUID),
  'mdev-group-split': other(OTHER_UUID),
};

/** A schema that demands an order. */
const ORDER = `<element name='device' xmlns='http://relaxng.org/ns/structure/1.0'>
  <element name='parent'><text/></element>
  <element name='capability'><attribute name='type'/><element name='type'><attribute name='id'/></element></element></element>`;

function codesOf(text: string, code: string): readonly string[] {
  if (code === 'schema-element-order') {
    const schema = join(temporaryFolder(), 'order.rng');
    writeFileSync(schema, ORDER);
    return validateDocuments(text, { schema }).flatMap(({ issues }) =>
      issues.map((one) => one.code),
    );
  }
  return validateDocument(text, { host: HOSTS[code], domains: OTHERS[code] }).map(
    (one) => one.code,
  );
}

it('every rule has an example', () => {
  expect(Object.keys(ruleExamples).toSorted()).toEqual(
    validationRules.map(({ code }) => code).toSorted(),
  );
});

describe.each(Object.entries(ruleExamples))('%s', (code, { why, wrong, right }) => {
  it('says why', () => {
    expect(why).toMatch(/^[A-Z\p{Ll}].{20,}\.$/u);
  });

  it.skipIf(wrong === undefined)('is broken by the wrong example', () => {
    expect(codesOf(wrong ?? '', code)).toContain(code);
  });

  it.skipIf(right === undefined)('is kept by the right one, as are all others', () => {
    expect(codesOf(right ?? '', code)).toEqual([]);
  });
});

/** The text of `rules CODE`, in Markdown. */
async function section({ code }: ValidationRule): Promise<string> {
  const { stdout } = await run(['rules', code]);
  const text = stdout
    .replace(/^Code:.*\n/u, '')
    .replaceAll(/^([A-Z]\w+): +(.*)$/gmu, (_, label: string, value: string) => {
      return `- ${label}: ${value.replaceAll(/[<*_]/gu, '\\$&')}`;
    })
    .replaceAll(/(?<=^(?:Wrong|Right):\n\n)(?: {4}.*\n)+/gmu, (block) => {
      return `\`\`\`xml\n${block.replaceAll(/^ {4}/gmu, '')}\`\`\`\n`;
    });
  return `## ${code}\n\n${text}`;
}

it('docs/rules.md is what the command says', async () => {
  const sections: string[] = [];
  for (const rule of validationRules) sections.push(await section(rule));
  const head =
    '# Rules\n\nWhat `virt-nodedev validate` finds, as `virt-nodedev rules CODE` prints it. This page is made by\n' +
    '`npx vitest run test/engine/validate/examples.test.ts -u`.\n';
  await expect([head, ...sections].join('\n')).toMatchFileSnapshot('../../../docs/rules.md');
});
