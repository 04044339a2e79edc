import { absentAs, attribute, child, children, optional } from '../fields.ts';
import { capability, recordType } from '../record.ts';
import { decimal, oneOf, pattern } from '../values.ts';

/** `1g.18gb`, and the forms with media engines or without: `1g.18gb+me`. */
const profile = pattern(
  'a profile of GPU instances such as 1g.18gb',
  /^\d{1,2}g\.\d{1,3}gb(?:[+-][a-z]+(?:\.[a-z]+)?)?$/,
);

/** `<instance profile='1g.18gb' count='7'/>`: so many GPU instances of a profile. */
const instance = recordType({
  profile: attribute('profile', profile),
  count: absentAs(1, attribute('count', decimal(1, 64))),
});

/** `<capability type='vgpu'>`: how a GPU is to be set up before it has vGPUs. Ours; libvirt has nothing of the kind. */
export const vgpu = capability(
  'vgpu',
  {
    functions: child('functions', oneOf('on', 'off')),
    mode: optional(child('mode', oneOf('equal', 'mixed', 'mig'))),
    instances: children('instance', instance),
  },
  {
    check: ({ functions, mode, instances }) => {
      if (instances.length > 0 && mode !== 'mig') return "GPU instances are of mode 'mig'";
      if (functions === 'on') return undefined;
      if (mode === 'mixed') return "mode 'mixed' needs the virtual functions on";
      return instances.length > 0 ? 'GPU instances need the virtual functions on' : undefined;
    },
  },
);
