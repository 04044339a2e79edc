import { oddScenarios } from './odd-scenarios.ts';

/**
 * Command lines of mdevctl, one after the other on one host. `golden/NAME.txt` is what the real mdevctl 1.4 answers; it is made
 * anew by `UPDATE_MDEVCTL=1 npm run test:libvirt -- test/libvirt/mdevctl.oracle.ts`, which compares both versions with ours.
 */
export interface Scenario {
  readonly name: string;
  /** The profile of its simulated host. */
  readonly profile: string;
  /** Files below etc/mdevctl.d, where the lines are run. A script can be executed. */
  readonly files?: Readonly<Record<string, string>>;
  /**
   * Words are separated by single spaces; `\x20` stands for a space in a word. A mark before a line: `~` both refuse it, in
   * other words; `4` mdevctl 1.2 does not know it, or answers otherwise.
   */
  readonly lines: readonly string[];
}

const GPU = '0000:86:00.0';
const SECOND = '0000:87:00.0';
/** They are sorted behind those that are made at random. */
const uuid = (number: number): string => `ffffffff-1111-4222-8333-00000000000${number}`;
const A = uuid(1);
const B = uuid(2);
const C = uuid(3);
const TYPE = 'nvidia-18';

const definition = (type: string, start: string, attrs: readonly object[] = []): string =>
  JSON.stringify({ mdev_type: type, start, attrs }, null, 2);

/** Is for one type, says an attribute of its devices, and refuses devices of one parent. */
const SCRIPT = `#!/bin/sh
# -t TYPE -e EVENT -a ACTION -s STATE -u UUID -p PARENT
[ "$2" = ${TYPE} ] || exit 2
case "$4 $6" in
'get capabilities')
  echo '{"supports":{"version":2,"actions":["start","stop","define","undefine","modify","attributes"],"events":["pre","post","notify","get","live"]}}' ;;
'get attributes') echo '[{"from":"the script"}]' ;;
pre*) [ "\${12}" != ${SECOND} ] ;;
esac
`;

export const scenarios: readonly Scenario[] = [
  {
    name: 'types',
    profile: 'nvidia-m60',
    lines: [
      'types',
      'types --dumpjson',
      `types -p ${GPU}`,
      `types --parent=${GPU} --dumpjson`,
      'types -pnone',
      'types --dumpjson -p none',
    ],
  },
  { name: 'types of samples', profile: 'kernel-samples', lines: ['types', 'types --dumpjson'] },
  { name: 'types of channels', profile: 's390-ccw-ap', lines: ['types', 'types --dumpjson'] },
  {
    name: 'types without text',
    profile: 'nvidia-a40',
    lines: ['types -p 0000:41:00.4', 'types -p 0000:41:00.4 --dumpjson'],
  },
  { name: 'types of none', profile: 'nvidia-l40s', lines: ['types', 'types --dumpjson', 'list'] },
  {
    name: 'start and stop',
    profile: 'nvidia-m60',
    lines: [
      'list',
      'list --dumpjson',
      `start -u ${A} -p ${GPU} -t ${TYPE}`,
      'list',
      'list -v',
      'list --dumpjson',
      `list --dumpjson -u ${A}`,
      `list -u ${B}`,
      `list --dumpjson -u ${B}`,
      `list -p ${GPU}`,
      `list -p ${SECOND}`,
      `start -u ${A} -p ${GPU} -t ${TYPE}`,
      `start -u ${A} -p ${GPU} -t nvidia-22`,
      `start -u ${A} -p ${SECOND} -t ${TYPE}`,
      `start -u ${B} -p ${GPU} -t nvidia-22`,
      `start -u ${B} -p ${GPU} -t nvidia-99`,
      `start -u ${B} -p 0000:99:00.0 -t ${TYPE}`,
      `start -u ${B} -p MTTY -t ${TYPE}`,
      `start -u ${B} -t ${TYPE}`,
      `start -u ${B} -p ${GPU}`,
      `start -u ${B}`,
      `start -p ${GPU}`,
      `start -p ${GPU} -t ${TYPE}`,
      'list',
      `start --uuid={ffffffff-1111-4222-8333-000000000003} -p${SECOND} --type ${TYPE}`,
      'list --dumpjson',
      `stop -u ${A}`,
      `stop -u FFFFFFFF111142228333000000000003`,
      '4stop -u ffffffff-1111-4222-8333-000000000003',
      'types -p 0000:86:00.0',
    ],
  },
  {
    name: 'define and undefine',
    profile: 'nvidia-m60',
    lines: [
      'list -d',
      'list -d --dumpjson',
      `define -u ${A}`,
      `define -u ${A} -t ${TYPE}`,
      `define -u ${A} -p ${GPU}`,
      `define -u ${A} -p ${GPU} -t ${TYPE}`,
      `define -u ${A} -p ${GPU} -t ${TYPE}`,
      `define -p ${GPU} -t ${TYPE}`,
      `define -ap ${SECOND} -t nvidia-22 -u ${B}`,
      'list',
      `list -du ${A}`,
      `list -d -p ${SECOND}`,
      `list -dv --dumpjson -u ${A}`,
      `start -u ${A}`,
      `list`,
      `list -d -u ${A}`,
      `start -u ${A}`,
      `start -u ${B} -p ${GPU}`,
      `start -u ${B} -t nvidia-18`,
      `start -u ${B} -p ${SECOND} -t nvidia-22`,
      'list -dv -p 0000:87:00.0',
      `define -u ${A} -p ${SECOND} -t ${TYPE}`,
      `list -d -u ${A}`,
      `list -d -u ${A} --dumpjson`,
      `stop -u ${A}`,
      `start -u ${A}`,
      `modify -u ${A} --auto`,
      `undefine -u ${A} -p ${SECOND}`,
      `undefine -u ${A} -p ${SECOND}`,
      `undefine -u ${A}`,
      `undefine -u ${A}`,
      `start -u ${C} -p ${GPU} -t ${TYPE}`,
      `define -u ${C}`,
      `define -au ${C}`,
      'list',
      `stop -u ${C}`,
      `undefine -u ${B}`,
      'list',
    ],
  },
  {
    name: 'modify',
    profile: 'nvidia-m60',
    files: { [`${GPU}/${A}`]: definition(TYPE, 'manual') },
    lines: [
      `modify -u ${A} --addattr a --value 1`,
      `modify -u ${A} --addattr b --value=-2`,
      `modify -u ${A} --addattr nvidia/vgpu_params --value enable_uvm=1`,
      `modify -u ${A} --addattr a --value 3 --index 1`,
      `list -dv -u ${A}`,
      `list -d --dumpjson -u ${A}`,
      `modify -u ${A} --delattr --index 9`,
      `modify -u ${A} --addattr c --value 4 -i5`,
      `modify -u ${A} --addattr c --value 4 -i4`,
      `modify -u ${A} --delattr --index 0`,
      `modify -u ${A} --delattr`,
      `list -dv`,
      `modify -u ${A} --auto`,
      `modify -u ${A} -t nvidia-22 --auto`,
      `list -d`,
      `modify -u ${A} -m`,
      `4modify -p ${GPU} -u ${A} -dm`,
      `modify -u ${B} --auto`,
      `modify -u ${A} -p ${SECOND} --auto`,
      `modify -u ${A} --delattr`,
      `modify -u ${A} --delattr`,
      `modify -u ${A} --delattr`,
      `modify -u ${A} --delattr`,
      `4modify -u ${A} --delattr --index 0`,
    ],
  },
  {
    name: 'files',
    profile: 'nvidia-m60',
    files: {
      'one.json': definition(TYPE, 'auto', [{ 'nvidia/vgpu_params': 'a=1' }, { x: 'ä "q" \\ ' }]),
      'two.json': '{"start":"manual","mdev_type":"nvidia-22","other":1,"attrs":null}',
      'bad.json': '{"mdev_type":"nvidia-18"',
      'part.json': '{"mdev_type":"nvidia-18"}',
      'numbers.json': '{"mdev_type":"nvidia-18","start":1,"attrs":[{"a":1}]}',
    },
    lines: [
      `define -p ${GPU} --jsonfile one.json -u ${A}`,
      `define -p ${GPU} --jsonfile one.json -u ${A}`,
      `define -p ${GPU} --jsonfile two.json`,
      `define --jsonfile one.json -u ${B}`,
      `~define -p ${GPU} --jsonfile bad.json -u ${B}`,
      `~define -p ${GPU} --jsonfile part.json -u ${B}`,
      `~define -p ${GPU} --jsonfile numbers.json -u ${B}`,
      `~define -p ${GPU} --jsonfile none.json -u ${B}`,
      'list -dv',
      'list -d --dumpjson',
      `list -d --dumpjson -u ${A}`,
      `start -p ${GPU} --jsonfile two.json -u ${B}`,
      `~start -p ${SECOND} --jsonfile one.json -u ${C}`,
      `start --jsonfile two.json -u ${C}`,
      `start -p ${SECOND} --jsonfile none.json -u ${C}`,
      'list -v',
      `4modify -u ${A} -p ${GPU} --jsonfile two.json`,
      `4list -dv -u ${A}`,
      `4modify -u ${C} -p ${SECOND} --jsonfile one.json`,
      `4modify -u ${A} --jsonfile two.json`,
      `4list -d`,
      `4modify -u ${A} --live --jsonfile two.json`,
      `4modify -u ${B} --live --jsonfile two.json`,
      `4modify -u ${B} --live --jsonfile one.json`,
      `4modify -u ${B} --auto --live`,
    ],
  },
  {
    name: 'scripts',
    profile: 'nvidia-m60',
    files: {
      'scripts.d/callouts/script.sh': SCRIPT,
      'one.json': definition(TYPE, 'auto', [{ x: '1' }]),
      'two.json': definition('nvidia-22', 'auto'),
    },
    lines: [
      `start -u ${A} -p ${GPU} -t ${TYPE}`,
      'list -v',
      `list --dumpjson -u ${A}`,
      `define -u ${A}`,
      'list -dv',
      `4modify -u ${A} --live --jsonfile one.json`,
      'list -dv',
      `4modify -u ${A} --live -d --jsonfile one.json`,
      'list -dv',
      `4modify -u ${A} --live --jsonfile two.json`,
      `~4define -p ${SECOND} -t ${TYPE} -u ${B}`,
      `~4start -p ${SECOND} -t ${TYPE} -u ${B}`,
      `start -p ${SECOND} -t nvidia-22 -u ${B}`,
      'list -v',
      `stop -u ${A}`,
      `undefine -u ${A}`,
    ],
  },
  {
    name: 'what is there already',
    profile: 'nvidia-m60',
    files: {
      [`${GPU}/${A}`]: definition(TYPE, 'auto', [{ 'nvidia/vgpu_params': 'a=1' }]),
      [`${GPU}/${C}`]: definition(TYPE, 'auto'),
      [`${SECOND}/${A}`]: '{"mdev_type":"nvidia-22","start":"no","attrs":[{"b":"2"},{"a":"1"}]}',
      [`${SECOND}/${B}`]: '{"start":"auto","mdev_type":"nvidia-99","extra":{"a":[1]}}',
      [`0000:ff:00.0/${B}`]: definition('gone-1', 'auto'),
    },
    lines: [
      'list -d',
      'list -dv',
      'list -d --dumpjson',
      `list -d --dumpjson -u ${A}`,
      'list -d -p 0000:ff:00.0 --dumpjson',
      `start-parent-mdevs ${GPU}`,
      '4list -v',
      `start-parent-mdevs ${GPU}`,
      `start-parent-mdevs ${SECOND}`,
      'start-parent-mdevs 0000:ff:00.0',
      'start-parent-mdevs none',
      'list -d',
      `undefine -u ${B}`,
      `undefine -u ${A}`,
      'list',
      'list -d',
    ],
  },
  {
    name: 'command lines',
    profile: 'kernel-samples',
    lines: [
      '~define',
      '~define -p',
      `~define -u x -p y`,
      '~define -p a -p b -t c',
      '~define -p a -t c --jsonfile f',
      '~define -p a -a --jsonfile f',
      '~define -aa -p a',
      '~define --aut -p a -t b',
      '~define --auto=yes -p a -t b',
      '~define -p a x',
      '~define -p -x -t y',
      '~undefine',
      '~undefine -p x',
      `~modify -u ${A}`,
      `~4modify -u ${A} -t x`,
      `~modify -u ${A} --addattr a`,
      `~modify -u ${A} --value a`,
      `~modify -u ${A} --delattr --value a`,
      `~modify -u ${A} --auto --index 1`,
      `~modify -u ${A} --auto --manual`,
      `~modify -u ${A} --auto --delattr`,
      `~modify -u ${A} --delattr --index -1`,
      `~modify -u ${A} --delattr --index x`,
      `~modify -u ${A} --delattr --index 4294967296`,
      `modify -u ${A} --delattr --index +1`,
      `modify -u ${A} --delattr -i01`,
      `~modify -u ${A} --addattr a --value -1`,
      `~modify -amu ${A}`,
      '~start',
      '~start -t x',
      '~start -p x -t y --jsonfile z',
      '~stop',
      `~stop ${A}`,
      '~list x',
      'list --',
      '~list -- x',
      '~list -d -d',
      '~list -u x',
      '~list -xh',
      '~types -d',
      '~types --dumpjson=1',
      '~types -V',
      '~start-parent-mdevs',
      '~start-parent-mdevs a b',
      'start-parent-mdevs -- -a',
      '~start-parent-mdevs -a',
      '~-x',
      '~nope',
      '~help nope',
      '~list help',
    ],
  },
  ...oddScenarios,
];
