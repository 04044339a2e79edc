import { mdevName } from '../../nodedev/names.ts';
import { MdevctlError } from '../failures.ts';
import * as messages from './messages.ts';
import { inItsWords } from './refusals.ts';
import { forceOption, helpOption, type Subcommand, uuidOption } from './subcommand.ts';

export const stop: Subcommand = {
  name: 'stop',
  summary: 'Stop a device',
  changes: true,
  options: [uuidOption, forceOption, helpOption],
  required: [['uuid']],

  async run({ given, connection }) {
    const uuid = given.get('uuid') ?? '';
    const [active] = (await connection.mdevctlDevices({ uuid })).items;
    if (active === undefined) throw new MdevctlError(messages.notActive(uuid));
    await inItsWords({ what: 'stop', uuid }, () =>
      connection.destroy(mdevName(uuid, active.parent), { adopt: true }),
    );
  },
};
