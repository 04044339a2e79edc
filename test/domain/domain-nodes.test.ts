import { expect, it } from 'vitest';
import { bindingOf, nodesOfBinding } from '../../src/domain/domain-nodes.ts';
import { readXml } from '../../src/xml/read.ts';

const host = [
  { id: 0, cpus: [0, 1, 2, 3] },
  { id: 1, cpus: [4, 5, 6, 7] },
];

it.each([
  ['nothing', '', []],
  [
    'pinned vCPUs',
    "<cputune><vcpupin vcpu='0' cpuset='4'/><vcpupin vcpu='1' cpuset='5-6'/></cputune>",
    [1],
  ],
  [
    'vCPUs on both nodes',
    "<cputune><vcpupin vcpu='0' cpuset='5'/><vcpupin vcpu='1' cpuset='0'/></cputune>",
    [0, 1],
  ],
  ['all vCPUs at once', "<vcpu cpuset='0-7,^0-3'>4</vcpu>", [1]],
  [
    'each before all',
    "<vcpu cpuset='0-3'>4</vcpu><cputune><vcpupin vcpu='0' cpuset='7'/></cputune>",
    [1],
  ],
  ['memory', "<numatune><memory mode='strict' nodeset='1'/></numatune>", [1]],
  [
    'memory of guest nodes',
    "<numatune><memnode cellid='0' mode='strict' nodeset='1'/><memnode cellid='1' nodeset='0'/></numatune>",
    [0, 1],
  ],
  [
    'vCPUs before memory',
    "<numatune><memory nodeset='1'/></numatune><cputune><vcpupin vcpu='0' cpuset='0'/></cputune>",
    [0],
  ],
  [
    'vCPUs on no node of the host',
    "<numatune><memory nodeset='1'/></numatune><cputune><vcpupin vcpu='0' cpuset='99'/></cputune>",
    [1],
  ],
  ['automatic memory', "<numatune><memory mode='strict' placement='auto'/></numatune>", []],
  ['no set', "<vcpu cpuset='all'>4</vcpu>", []],
])('%s', (_, inside, expected) => {
  const { root } = readXml(`<domain type='kvm'><name>a</name>${inside}</domain>`);
  expect(nodesOfBinding(bindingOf(root), host)).toEqual(expected);
});
