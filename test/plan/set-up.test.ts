import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SetupState, WantedSetup } from '../../src/drivers/card-setup.ts';
import { nvidiaSetup } from '../../src/drivers/nvidia/setup.ts';
import type { Issue } from '../../src/errors.ts';
import { withPlanning } from '../../src/plan/connection.ts';
import { parsePlan } from '../../src/plan/parse-plan.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { Fuse, managerOf, newWorld, type World } from '../engine/journal/fused-manager.ts';
import { BARE, bareProfile } from '../host/support/bare-profile.ts';
import { uuidOf } from './hosts.ts';
import { plannedHost, wishXml } from './planned-host.ts';

// What comes before any vGPU: the way from a GPU as a boot leaves it to its devices.

const GPU = '0000:42:00.0';
const NAME = 'pci_0000_42_00_0';
/** The same board with two MIG-backed types, which no L40S has: it stands for one that has the mode. */
const withMig = (profile: string): string =>
  profile
    .replace('NVIDIA L40S-24Q', 'NVIDIA H200X-1-18C')
    .replace('NVIDIA L40S-48Q', 'NVIDIA H200X-7-141C')
    .replace("<product id='0x26b9'>", "<product id='0x2335'>");
const WITH_MIG = withMig(BARE);

const setupXml = (functions: string, mode?: string, instances: readonly string[] = []): string =>
  `<device><name>${NAME}</name><capability type='vgpu'><functions>${functions}</functions>
    ${mode === undefined ? '' : `<mode>${mode}</mode>`}
    ${instances.map((one) => `<instance profile='${one}'/>`).join('')}</capability></device>`;
const vgpu = (digit: number, type = 'nvidia-1155', parent: string | undefined = NAME): string =>
  wishXml({ uuid: uuidOf(digit), parent, type });

const told = ({ actions }: Pick<Plan, 'actions'>): readonly string[] =>
  actions.map((action) =>
    action.action === 'set-up'
      ? action.words
      : `${action.action} ${'device' in action ? action.device.parent : ''}`,
  );
const codes = ({ refusals }: Plan): readonly string[] => refusals.map(({ code }) => code);

describe('a plan for a GPU whose functions are off', () => {
  it('turns them on, sets the mode, and creates on the functions that come to be', async () => {
    const { connection, host } = plannedHost('nvidia-l40s-bare');
    const desired = [setupXml('on', 'mixed'), vgpu(1), vgpu(2, 'nvidia-1150')];
    const plan = await connection.plan(desired);
    expect(told(plan)).toEqual([
      'virtual functions on',
      'mixed-size mode on',
      'create 0000:42:00.4',
      'create 0000:42:00.5',
    ]);
    expect(plan.actions[0]).toMatchObject({
      runs: `/usr/lib/nvidia/sriov-manage -e ${GPU}`,
      needs: 'no vGPU on it',
    });
    expect(host.parents().items).toEqual([]);
    // It survives being stored.
    await connection.apply(parsePlan(JSON.stringify(plan)));
    expect(host.devices().items.map(({ type }) => type)).toEqual(['nvidia-1155', 'nvidia-1150']);
    expect(told(await connection.plan(desired))).toEqual([]);
  });

  it('places devices without a parent, too', async () => {
    const { connection, host } = plannedHost('nvidia-l40s-bare');
    const anywhere = wishXml({ uuid: uuidOf(1), type: 'nvidia-1155' });
    const plan = await connection.plan([setupXml('on'), anywhere]);
    expect(told(plan)).toEqual(['virtual functions on', 'create 0000:42:00.4']);
    await connection.apply(plan);
    expect(host.devices().items).toHaveLength(1);
  });

  it('is refused when another one has set it up meanwhile', async () => {
    const { connection } = plannedHost('nvidia-l40s-bare');
    const plan = await connection.plan([setupXml('on')]);
    await connection.apply(await connection.plan([setupXml('on', 'mixed')]));
    await expect(connection.apply(plan)).rejects.toMatchObject({ code: 'plan-stale' });
  });

  it.each([
    ['devices are planned on a GPU that stays off', [vgpu(1)], ['parent-unknown']],
    ['the GPU is turned off', [setupXml('off'), vgpu(1)], ['parent-unknown']],
    [
      'the types of the two do not fit equal-size mode',
      [setupXml('on', 'equal'), vgpu(1), vgpu(2, 'nvidia-1150')],
      ['no-instances'],
    ],
    ['the board has no MIG mode', [setupXml('on', 'mig')], ['setup-refused']],
    ['it is no GPU', [setupXml('on').replace(NAME, 'pci_0000_40_03_1')], ['setup-refused']],
  ])('is refused when %s', async (_, desired, expected) => {
    const { connection } = plannedHost('nvidia-l40s-bare');
    expect(codes(await connection.plan(desired))).toEqual(expected);
  });

  it.each([
    ['mixed sizes while the functions are off', setupXml('off', 'mixed')],
    ['instances without MIG mode', setupXml('on', 'equal', ['1g.18gb'])],
    ['no name', setupXml('on').replace(`<name>${NAME}</name>`, '')],
    ['two documents', `<devices>${setupXml('on')}${setupXml('off')}</devices>`],
    ['a profile that is none', setupXml('on', 'mig', ['-C;reboot'])],
  ])('cannot be asked for with %s', async (_, document) => {
    const { connection } = plannedHost('nvidia-l40s-bare');
    await expect(connection.plan([document])).rejects.toMatchObject({ code: 'nodedev-invalid' });
  });
});

describe('a GPU that has a vGPU', () => {
  it('is set up otherwise only when the plan takes it away', async () => {
    const { connection } = plannedHost('nvidia-l40s');
    await connection.create(vgpu(1));
    const plan = await connection.plan([setupXml('on', 'mixed')]);
    expect(plan.refusals).toMatchObject([{ code: 'in-use' }]);
    const pruning = await connection.plan([setupXml('on', 'mixed'), vgpu(2)], { prune: true });
    expect(told(pruning)).toEqual([
      'destroy 0000:42:00.4',
      'mixed-size mode on',
      'create 0000:42:00.5',
    ]);
    await connection.apply(pruning);
    expect(told(await connection.plan([setupXml('on', 'equal')]))).toEqual(['mixed-size mode off']);
  });

  it('needs nothing when it is as desired', async () => {
    const { connection } = plannedHost('nvidia-l40s');
    await connection.create(vgpu(1));
    const plan = await connection.plan([setupXml('on', 'equal'), vgpu(1)]);
    expect([told(plan), plan.refusals]).toEqual([[], []]);
  });
});

describe('a GPU with MIG mode', () => {
  it('is cut into instances, and offers what fits into them; the mode alone stays over a reboot', async () => {
    const { connection, host } = plannedHost(WITH_MIG);
    const set = setupXml('on', 'mig', ['1g.18gb', '1g.18gb']);
    const plan = await connection.plan([set]);
    expect(told(plan)).toEqual([
      'MIG mode on',
      'virtual functions on',
      'GPU instances 1g.18gb, 1g.18gb',
    ]);
    await connection.apply(plan);
    await connection.apply(await connection.plan([set, vgpu(1), vgpu(2)]));
    expect(codes(await connection.plan([set, vgpu(1), vgpu(2), vgpu(3)]))).toEqual([
      'no-instances',
    ]);
    // One more is made beside them; one less would take the functions away.
    const more = setupXml('on', 'mig', ['1g.18gb', '1g.18gb', '1g.18gb']);
    expect(told(await connection.plan([more]))).toEqual(['GPU instances 1g.18gb']);
    expect(codes(await connection.plan([setupXml('on', 'mig', ['1g.18gb'])]))).toEqual(['in-use']);
    host.reset();
    expect(told(await connection.plan([set]))).toEqual([
      'virtual functions on',
      'GPU instances 1g.18gb, 1g.18gb',
    ]);
    expect(told(await connection.plan([setupXml('off', 'equal')]))).toEqual(['MIG mode off']);
  });

  it('says why nothing can be planned on a board whose types no table has', async () => {
    const { connection, host } = plannedHost(WITH_MIG.replace("'0x2335'", "'0x2331'"));
    const plan = await connection.plan([setupXml('on'), vgpu(1)]);
    expect(plan.refusals).toMatchObject([{ code: 'parent-unknown' }]);
    expect(plan.refusals[0]?.message).toContain('the types of its board (0x2331) are not known');
    await connection.apply(await connection.plan([setupXml('on')]));
    expect(host.parents().items).toHaveLength(32);
  });

  it('tells what a program refuses, and is as it was', async () => {
    const { connection, host } = plannedHost(WITH_MIG);
    const set = setupXml('on', 'mig', ['7g.141gb', '1g.18gb']);
    await expect(connection.apply(await connection.plan([set]))).rejects.toMatchObject({
      code: 'setup-refused',
      message: expect.stringContaining('Insufficient Resources'),
      issues: [{ code: 'undone' }],
    });
    expect(host.setupCard(GPU)?.isOn).toBe(false);
    expect(told(await connection.plan([setupXml('off', 'equal')]))).toEqual([]);
  });
});

/** How a GPU is set up, its devices, and what the plan for a set-up would be: nothing, when it is so. */
const shown = ({ host }: World): object => ({
  state: host.runTool({ program: '/usr/bin/nvidia-smi', args: ['-q', '-i', GPU], seconds: 1 }),
  instances: host.runTool({
    program: '/usr/bin/nvidia-smi',
    args: ['mig', '-lgi', '-i', GPU],
    seconds: 1,
  }),
  isOn: host.setupCard(GPU)?.isOn,
  devices: host.devices().items,
});

const DESIRED = [setupXml('on', 'mig', ['1g.18gb', '1g.18gb'])];

it.each([
  ['fails', false, false],
  ['fails after it took effect', false, true],
  ['kills the process', true, false],
  ['kills the process after it took effect', true, true],
])('whichever step %s, a GPU is set up as a whole or as it was', async (_, isDeadly, isLate) => {
  const outcomes = { all: 0, nothing: 0 };
  let steps = 1;
  for (; steps < 100; steps++) {
    const fuse = new Fuse();
    const world = newWorld(fuse, withMig(bareProfile(2)));
    const connection = withPlanning(managerOf(fuse, world));
    await connection.apply(await connection.plan([setupXml('on', 'mixed')]));
    const before = shown(world);
    const plan = await connection.plan(DESIRED);
    Object.assign(fuse, { left: steps, isDeadly, isLate });
    const failed = await connection.apply(plan).then(
      () => false,
      () => true,
    );
    const isBurnt = fuse.left <= 0;
    Object.assign(fuse, { left: Infinity, isDeadly: false });
    if (!isBurnt) break;
    const issues: Issue[] = [];
    const next = withPlanning(managerOf(new Fuse(), world, (issue) => issues.push(issue)));
    await next.recover();
    expect(issues.filter(({ code }) => code === 'recovery-left')).toEqual([]);
    const isDone = told(await next.plan(DESIRED)).length === 0;
    outcomes[isDone ? 'all' : 'nothing'] += 1;
    expect(isDone ? undefined : [failed, shown(world)]).toEqual(
      isDone ? undefined : [true, before],
    );
  }
  expect(steps).toBeGreaterThan(15);
  expect(steps).toBeLessThan(100);
  expect(outcomes.nothing).toBeGreaterThan(5);
});

const profiles = fc.array(fc.constantFrom('1g.18gb', '2g.35gb', '3g.71gb'), { maxLength: 3 });
const states: fc.Arbitrary<SetupState> = fc
  .record({ functions: fc.boolean(), mig: fc.boolean(), mixed: fc.boolean(), instances: profiles })
  .map(({ functions, mig, mixed, instances }) => ({
    functions,
    mig,
    mixed: functions && !mig && mixed,
    instances: functions && mig ? instances : [],
  }));
const wishes: fc.Arbitrary<WantedSetup> = fc.oneof(
  fc.record({
    functions: fc.boolean(),
    mode: fc.constantFrom(undefined, 'equal' as const, 'mig' as const),
  }),
  fc.constant({ functions: true, mode: 'mixed' as const }),
  fc.record({
    functions: fc.constant(true),
    mode: fc.constant('mig' as const),
    instances: profiles,
  }),
);

describe('the steps from one set-up of an NVIDIA GPU to another', () => {
  const along = (now: SetupState, wanted: WantedSetup): readonly SetupState[] => {
    const seen = [now];
    for (const step of nvidiaSetup.steps(now, wanted)) {
      seen.push(nvidiaSetup.after(seen.at(-1) ?? now, step));
    }
    return seen;
  };

  it('lead there, and then there are none', () => {
    fc.assert(
      fc.property(states, wishes, (now, wanted) => {
        const then = along(now, wanted).at(-1) ?? now;
        expect(nvidiaSetup.steps(then, wanted)).toEqual([]);
        const { functions, mode, instances } = wanted;
        const isModeOf = functions && mode !== undefined && mode !== 'mig';
        expect({ ...then, instances: then.instances.toSorted() }).toEqual({
          functions,
          mig: mode === undefined ? now.mig : mode === 'mig',
          mixed: isModeOf ? mode === 'mixed' : then.mixed,
          instances: (instances ?? then.instances).toSorted(),
        });
      }),
    );
  });

  it('change MIG mode only while the functions are off, and turn them on before what that takes away', () => {
    fc.assert(
      fc.property(states, wishes, (now, wanted) => {
        const steps = nvidiaSetup.steps(now, wanted);
        const seen = along(now, wanted);
        const isAllowed = steps.map((step, index) => {
          const { functions, mig } = seen[index] ?? now;
          switch (step.do) {
            case 'mig':
              return !functions;
            case 'mixed':
              return functions && mig !== true;
            case 'instances':
              return functions && mig === true;
            case 'functions':
              return functions !== step.on;
          }
        });
        expect(isAllowed).toEqual(steps.map(() => true));
        const kinds = steps.map(({ do: kind }) => kind);
        const modes = kinds.findIndex((kind) => kind === 'mixed' || kind === 'instances');
        expect(kinds.slice(modes === -1 ? kinds.length : modes)).not.toContain('functions');
      }),
    );
  });
});
