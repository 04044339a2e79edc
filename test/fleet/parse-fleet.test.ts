import { describe, expect, it } from 'vitest';
import { chooseHosts } from '../../src/fleet/fleet.ts';
import { parseFleet } from '../../src/fleet/parse-fleet.ts';

/** `name uri label,label` */
async function hostsOf(text: string | Uint8Array, file?: string): Promise<readonly string[]> {
  const { hosts } = await parseFleet(text, { file });
  return hosts.map(({ name, uri, labels }) => [name, uri, labels.join(',')].join(' ').trim());
}

interface Case {
  readonly what: string;
  readonly text: string;
  readonly file?: string;
  readonly hosts: readonly string[];
}

const CASES: readonly Case[] = [
  {
    what: 'our own',
    text: `<fleet><host name='gpu1' uri='ssh://root@gpu1:22/'><label>rack-b</label><label>l40s</label></host>
      <host name='sim' uri='sim:///tmp/x'/></fleet>`,
    hosts: ['gpu1 ssh://root@gpu1:22/ l40s,rack-b', 'sim sim:///tmp/x'],
  },
  { what: 'our own without hosts', text: '<fleet/>', hosts: [] },
  {
    what: 'INI: ranges, groups of groups, variables of hosts and groups, comments, quotes',
    text: `
; a comment
solo ansible_host=10.0.0.1 ansible_port=2222 # another
[gpus]
gpu[08:10].lab ansible_user='root'
rack-[a:c:2]
old:2022
[site:children]
gpus
[site:vars]
ansible_user = admin
[all:vars]
ansible_port=22
`,
    hosts: [
      'solo ssh://10.0.0.1:2222/',
      'gpu08.lab ssh://root@gpu08.lab:22/ gpus,site',
      'gpu09.lab ssh://root@gpu09.lab:22/ gpus,site',
      'gpu10.lab ssh://root@gpu10.lab:22/ gpus,site',
      'rack-a ssh://admin@rack-a:22/ gpus,site',
      'rack-c ssh://admin@rack-c:22/ gpus,site',
      'old ssh://admin@old:2022/ gpus,site',
    ],
  },
  {
    what: 'INI: this machine, another URI, IPv6, the old names of variables, a host in two groups',
    text: `[a]
here ansible_connection=local
other virt_nodedev_uri=sim:///tmp/y
six ansible_host=fe80::1 ansible_ssh_user=root
[b]
six ansible_port=23`,
    hosts: ['here sysfs:/// a', 'other sim:///tmp/y a', 'six ssh://root@[fe80::1]:23/ a,b'],
  },
  {
    what: 'YAML: groups, ranges, what Ansible prints of an inventory',
    file: 'hosts.yml',
    text: `all:
  vars: {ansible_user: root}
  children:
    gpus:
      hosts:
        gpu[1:2]: {ansible_port: 2200}
      children:
        new:
          vars: {ansible_user: core}
          hosts:
            gpu2:
            gpu7: {ansible_host: 10.1.1.7, secret: !vault abc, list: [1, 2]}
    ungrouped:
      hosts: {solo: null}`,
    hosts: [
      'gpu1 ssh://root@gpu1:2200/ gpus',
      'gpu2 ssh://core@gpu2:2200/ gpus,new',
      'gpu7 ssh://core@10.1.1.7/ gpus,new',
      'solo ssh://root@solo/',
    ],
  },
  {
    what: 'INI: the priority of groups',
    text: `[a]\nh\n[z]\nh\n[a:vars]\nansible_user=a\nansible_group_priority=10\n[z:vars]\nansible_user=z`,
    hosts: ['h ssh://a@h/ a,z'],
  },
  {
    what: 'YAML: merged mappings',
    file: 'x.yml',
    text: 'all:\n  vars: {d: &d {ansible_user: root, ansible_port: 1}}\n  hosts: {h: {<<: *d, ansible_port: 2}}',
    hosts: ['h ssh://root@h:2/'],
  },
  { what: 'JSON, which is YAML', text: '{"all": {"hosts": {"h": null}}}', hosts: ['h ssh://h/'] },
  {
    what: 'YAML by its first line',
    text: '---\nall:\n  hosts:\n    h1:\n',
    hosts: ['h1 ssh://h1/'],
  },
  {
    what: 'an anchor used twice',
    file: 'x.yaml',
    text: 'a: &x\n  hosts: {h: }\nb: *x\n',
    hosts: ['h ssh://h/ a,b'],
  },
  {
    what: "ssh's configuration: names without patterns",
    text: `# gpu hosts
Host gpu1 gpu2 *.lab !gpu3 # not these
  HostName 10.0.0.1
host=gpu4
Match host gpu5
Host *
  User root`,
    hosts: ['gpu1 ssh://gpu1/', 'gpu2 ssh://gpu2/', 'gpu4 ssh://gpu4/'],
  },
  { what: 'nothing', text: '\n# nothing\n', hosts: [] },
];

describe('a fleet', () => {
  it.each(CASES)('$what', async ({ text, file, hosts }) => {
    expect(await hostsOf(text, file)).toEqual(hosts);
    expect(await hostsOf(Buffer.from(text), file)).toEqual(hosts);
  });

  it("tells what of ssh's configuration is left out", async () => {
    const { warnings } = await parseFleet('Include a b\nHost x', { file: 'config' });
    expect(warnings.map(({ message }) => message)).toEqual([
      "the hosts of the included 'a' are left out",
      "the hosts of the included 'b' are left out",
    ]);
  });
});

/** What would become part of a command line, a terminal's line or an endless list, and mistakes. */
const REFUSED: readonly (readonly [what: string, text: string, message: RegExp, file?: string])[] =
  [
    [
      'two of one name',
      "<fleet><host name='a' uri='x:1'/><host name='a' uri='x:2'/></fleet>",
      /two hosts/u,
    ],
    ['a host without URI', "<fleet><host name='a'/></fleet>", /uri/u],
    ['a name with a blank', "<fleet><host name='a b' uri='x:1'/></fleet>", /name/u],
    ['another root', '<fleets/>', /unexpected root element <fleets>/u],
    ['another element', "<fleet><hosts name='a' uri='x:1'/></fleet>", /hosts/u],
    ['a name that is an option', '[g]\n-oProxyCommand=x', /no name of a host/u],
    [
      'an address that is an option',
      'h ansible_host=-oProxyCommand=x',
      /ansible_host of host 'h'/u,
    ],
    ['a user with a command', "h ansible_user='a;reboot'", /ansible_user/u],
    ['a port that is none', 'h ansible_port=x22', /ansible_port/u],
    ['a template', 'h ansible_host={{ip}}', /ansible_host/u],
    ['an open quote', "h ansible_host='x", /has no end/u],
    ['a word that is no variable', 'h x', /no variable/u],
    ['a section of another kind', '[a:hostz]', /kind of section/u],
    ['an open section', '[a', /no section/u],
    ['an endless range', 'gpu[0:99999999]', /no name of a host/u],
    ['endless ranges', 'gpu[0:9999][0:9999]', /more than/u],
    ['a range backwards', 'gpu[9:1]', /no name of a host/u],
    ['a name for ssh with an escape', 'Host a\u001b[2J', /no name of a host/u],
    ['a group that is nowhere', '[a:children]\nb', /no group 'b'/u],
    ['variables of a group that is nowhere', '[b:vars]\nx=1', /no group 'b'/u],
    ['a variable without value', '[a]\nh\n[a:vars]\nansible_user', /no variable/u],
    ['a name that YAML makes a number', 'a: {hosts: {010: }}', /no text: 10/u, 'x.yml'],
    ['two documents', 'a: {}\n---\nb: {}', /multiple documents/u, 'x.yml'],
    ["ansible-inventory's own JSON", '{"_meta": {"hostvars": {}}}', /'hostvars' of group '_meta'/u],
    ['no YAML', 'a: [', /no YAML/u, 'x.yml'],
    ['a list', '- a', /no mapping/u, 'x.yml'],
    ['an unknown part', 'a: {host: {}}', /unknown part 'host'/u, 'x.yml'],
    [
      'a bomb',
      `a: &a [x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c]`,
      /no YAML|no mapping/u,
      'x.yml',
    ],
    ['a group in itself', 'a: &a {children: {b: *a}}', /no YAML|groups in groups/u, 'x.yml'],
  ];

it.each(
  REFUSED.map(([what, text, message, file = 'hosts']) => [what, text, message, file] as const),
)('%s is refused', async (_, text, message, file) => {
  await expect(parseFleet(text, { file })).rejects.toMatchObject({
    code: 'fleet-invalid',
    message: expect.stringMatching(message),
  });
});

it('what is no text is refused', async () => {
  await expect(parseFleet(new Uint8Array([0x68, 0xff]))).rejects.toMatchObject({
    code: 'fleet-invalid',
  });
});

it('thousands of groups in groups, and many ways between groups, are read', async () => {
  const chain = Array.from({ length: 10_000 }, (_, at) => `[g${at}:children]\ng${at + 1}`);
  expect((await parseFleet(`${chain.join('\n')}\n[g10000]\nh`)).hosts[0]?.labels).toHaveLength(
    10_001,
  );
  // Each group in all before it, those far away first.
  const names = Array.from({ length: 300 }, (_, at) => `g${at}`);
  const all = names.map((name, at) => [`[${name}:children]`, ...names.slice(at + 1).toReversed()]);
  const text = `${all.flat().join('\n')}\n[g299]\nh\n[g299:vars]\nansible_user=last\n[g0:vars]\nansible_user=first`;
  expect(await hostsOf(text)).toEqual([expect.stringMatching(/^h ssh:\/\/last@h\//u)]);
});

it('groups that are in each other are no endless walk', async () => {
  expect(await hostsOf('[a]\nh\n[a:children]\nb\n[b:children]\na')).toEqual(['h ssh://h/ a,b']);
});

it('hosts are chosen by names and labels', async () => {
  const { hosts } = await parseFleet('[a]\nh1\nh2\n[b]\nh2\nh3');
  const names = (...words: readonly string[]) => {
    const { chosen, unknown } = chooseHosts(hosts, words);
    return [chosen.map(({ name }) => name).join(' '), unknown.join(' ')];
  };
  expect(names()).toEqual(['h1 h2 h3', '']);
  expect(names('b')).toEqual(['h2 h3', '']);
  expect(names('h1', 'b')).toEqual(['h1 h2 h3', '']);
  expect(names('h3', 'c')).toEqual(['h3', 'c']);
});
