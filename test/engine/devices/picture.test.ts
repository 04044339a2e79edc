import { mkdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { connect } from '../../../src/index.ts';
import type { NodeDeviceManager } from '../../../src/engine/node-device-manager.ts';
import { NodedevError } from '../../../src/errors.ts';
import { makeSimulatedHost } from '../../../src/host/simulated/init.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const A = '0695d332-7831-493f-9e71-1c85c8911a08';
const B = '3b0c8e55-6f3a-4f0e-9b39-0d8f6a3a7c21';
const GPU0 = 'pci_0000_86_00_0';
const GPU1 = 'pci_0000_87_00_0';

const vgpu = (uuid: string, type = 'nvidia-18', parent = GPU0, group?: string): string =>
  `<device><parent>${parent}</parent><capability type='mdev'><type id='${type}'/><uuid>${uuid}</uuid>${
    group === undefined ? '' : `<group>${group}</group>`
  }</capability></device>`;

const hostdev = (uuid: string, rest = '', model = 'vfio-pci'): string =>
  `<hostdev type='mdev' model='${model}'><source><address uuid='${uuid}'/></source>${rest}</hostdev>`;

const domain = (devices: string, name = 'vm'): string =>
  `<domain type='kvm'><name>${name}</name><devices>${devices}</devices></domain>`;

interface Case {
  readonly code: string;
  /** The sentence, or what matches it. */
  readonly message: unknown;
  /** What was done on the host before. */
  readonly prepare?: (host: NodeDeviceManager) => Promise<unknown>;
  readonly domains: readonly string[];
  readonly also?: readonly string[];
}

const cases: readonly Case[] = [
  {
    code: 'mdev-not-active',
    message: `mediated device '${A}' not found: it was never defined`,
    domains: [domain(hostdev(A))],
  },
  {
    code: 'mdev-not-active',
    message: `mediated device '${A}' not found: it is defined under 0000:86:00.0 (nvidia-18), but not active, so that the domain does not start`,
    prepare: (host) => host.define(vgpu(A)),
    domains: [domain(hostdev(A))],
  },
  {
    code: 'mdev-not-active',
    message: expect.stringMatching(
      /defined under 0000:86:00\.0 \(nvidia-18\), 0000:87:00\.0 \(nvidia-11\), but active under none$/,
    ),
    prepare: async (host) => {
      await host.define(vgpu(A));
      await host.define(vgpu(A, 'nvidia-11', GPU1));
    },
    domains: [domain(hostdev(A))],
  },
  {
    code: 'mdev-model-mismatch',
    message: `invalid device API 'vfio-ccw' for device ${A}: device only supports 'vfio-pci'`,
    prepare: (host) => host.create(vgpu(A)),
    domains: [domain(hostdev(A, '', 'vfio-ccw'))],
  },
  {
    code: 'mdev-in-use',
    message: expect.stringMatching(/belongs to domain 'other'$/),
    prepare: async (host) => {
      await host.create(vgpu(A));
      await host.claim(A, { name: 'other' });
    },
    domains: [domain(hostdev(A))],
  },
  {
    code: 'mdev-in-use',
    message: expect.stringMatching(/belongs to domain 'running'$/),
    prepare: async (host) => {
      await host.create(vgpu(A));
      await host.startDomain(domain(hostdev(A), 'running'));
    },
    domains: [domain(hostdev(A))],
  },
  {
    code: 'guest-address-of-host',
    message: expect.stringMatching(/^0000:86:00\.0 is the parent's address on the host/),
    prepare: (host) => host.create(vgpu(A)),
    domains: [
      domain(hostdev(A, "<address type='pci' domain='0' bus='0x86' slot='0' function='0'/>")),
    ],
  },
  {
    code: 'mdev-group-incomplete',
    message: `group g has devices this domain does not name: ${B}`,
    prepare: (host) =>
      host.create([vgpu(A, 'nvidia-18', GPU0, 'g'), vgpu(B, 'nvidia-18', GPU0, 'g')]),
    domains: [domain(hostdev(A))],
  },
  {
    code: 'mdev-group-incomplete',
    message: `group g has devices this domain does not name: ${B}`,
    prepare: async (host) => {
      await host.create(vgpu(A, 'nvidia-18', GPU0, 'g'));
      await host.define(vgpu(B, 'nvidia-18', GPU0, 'g'));
    },
    domains: [domain(hostdev(A))],
  },
  {
    code: 'nvidia-vgpus-mixed',
    message: expect.stringMatching(/^M60-2A and M60-2Q do not go into one VM/),
    prepare: (host) =>
      host.create([vgpu(A, 'nvidia-18', GPU0, 'g'), vgpu(B, 'nvidia-16', GPU1, 'g')]),
    domains: [domain(hostdev(A) + hostdev(B))],
  },
  {
    code: 'nvidia-vgpus-several',
    message: expect.stringMatching(/^M60-2Q and M60-2Q may not go into one VM: of board M60/),
    prepare: (host) => host.create([vgpu(A), vgpu(B)]),
    domains: [domain(hostdev(A) + hostdev(B))],
  },
  {
    code: 'mdev-in-two-domains',
    message: `mediated device ${A} is in domain other too`,
    prepare: (host) => host.create(vgpu(A)),
    domains: [domain(hostdev(A)), domain(hostdev(A), 'other')],
  },
  {
    code: 'mdev-group-split',
    message: 'group g is split: other members of it are in domain other',
    prepare: (host) =>
      host.create([vgpu(A, 'nvidia-18', GPU0, 'g'), vgpu(B, 'nvidia-18', GPU0, 'g')]),
    domains: [domain(hostdev(A)), domain(hostdev(B), 'other')],
    also: ['mdev-group-incomplete'],
  },
];

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('absent');
  return value;
}

/** The issues of the first domain on a host. */
async function issuesOf(host: NodeDeviceManager, domains: readonly string[]) {
  const [first] = await host.validate(domains);
  return first?.issues.map(({ code, message }) => ({ code, message }));
}

describe('validation against a host', () => {
  it.each(cases)('$code: $message', async ({ code, message, prepare, domains, also = [] }) => {
    const host = await connect('test:///default');
    await prepare?.(host);
    const issues = await issuesOf(host, domains);
    expect(issues?.filter((issue) => !also.includes(issue.code))).toEqual([{ code, message }]);
  });

  it('is content with a group that goes to one domain, its owner', async () => {
    const host = await connect('test:///default');
    await host.create([vgpu(A, 'nvidia-22', GPU0, 'g'), vgpu(B, 'nvidia-22', GPU1, 'g')]);
    await host.claim('g', { name: 'vm' });
    expect(await issuesOf(host, [domain(hostdev(A) + hostdev(B))])).toEqual([]);
  });

  it('takes devices of different groups in one domain, since no driver of today asks for one', async () => {
    const host = await connect('test:///default');
    await host.create(vgpu(A, 'nvidia-22', GPU0));
    await host.create(vgpu(B, 'nvidia-22', GPU1));
    expect(await issuesOf(host, [domain(hostdev(A) + hostdev(B))])).toEqual([]);
  });

  it('counts devices as one group that were created together without a name for it', async () => {
    const host = await connect('test:///default');
    await host.create([vgpu(A, 'nvidia-22', GPU0), vgpu(B, 'nvidia-22', GPU1)]);
    expect(await issuesOf(host, [domain(hostdev(A) + hostdev(B))])).toEqual([]);
  });

  it('knows who has a device open that somebody else made', async () => {
    const folder = temporaryFolder();
    const kernel = makeSimulatedHost(`${folder}/host`, 'nvidia-m60');
    const [parent] = kernel.parents().items;
    kernel.create(present(parent), 'nvidia-18', A);
    const host = await connect(`sim://${folder}/host`);
    expect(await issuesOf(host, [domain(hostdev(A))])).toEqual([]);
    await host.startDomain(domain(hostdev(A), 'running'));
    expect(await issuesOf(host, [domain(hostdev(A))])).toEqual([
      { code: 'mdev-in-use', message: expect.stringMatching(/belongs to domain 'running'$/) },
    ]);
    await host.close();
  });

  it('misses OpenGL for an i915 device, and VFIO on a host without', async () => {
    const folder = temporaryFolder();
    makeSimulatedHost(`${folder}/host`, 'intel-gvtg');
    const host = await connect(`sim://${folder}/host`);
    const { items } = await host.types();
    const [type] = items;
    await host.create(vgpu(A, type?.id, type?.parent));
    const screen = hostdev(A).replace('model=', "display='on' model=");
    const graphics = domain(`<graphics type='vnc'/>${screen}`);
    expect(await issuesOf(host, [graphics])).toMatchObject([{ code: 'display-needs-opengl' }]);
    await host.close();

    mkdirSync(`${folder}/empty`);
    const empty = await connect(`sysfs://${folder}/empty`);
    expect(await issuesOf(empty, [domain(hostdev(A))])).toMatchObject([
      { code: 'host-without-vfio' },
      { code: 'mdev-not-active' },
    ]);
  });
});

describe('create and define with validate', () => {
  const wrong =
    "<device><parent>p</parent>\n<capability type='mdev'><type id='nvidia-18'/>\n<foo/>\n<bar/></capability></device>";

  it.each(['create', 'define'] as const)(
    '%s refuses what the schema refuses',
    async (operation) => {
      const host = await connect('test:///default');
      const refused = host[operation]([vgpu(A), { text: wrong, file: 'wrong.xml' }], {
        validate: true,
      });
      await expect(refused).rejects.toMatchObject({
        code: 'nodedev-invalid',
        location: { file: 'wrong.xml', line: 3 },
        issues: [{ code: 'schema-element-unexpected' }, { location: { line: 4 } }],
      });
      expect((await host.list({ state: 'all', capabilities: ['mdev'] })).items).toEqual([]);
    },
  );

  it('makes what is valid, and without validate what can be read', async () => {
    const host = await connect('test:///default');
    await host.create(vgpu(A), { validate: true });
    await host.create(vgpu(B).replace('<uuid>', '<foo/><uuid>'));
    expect((await host.list({ capabilities: ['mdev'] })).items).toHaveLength(2);
  });

  it('says of other documents what create says', async () => {
    const host = await connect('test:///default');
    await expect(host.create('<device>', { validate: true })).rejects.toMatchObject({
      code: 'xml-malformed',
    });
    await expect(host.create('<domain/>', { validate: true })).rejects.toThrow(NodedevError);
  });
});
