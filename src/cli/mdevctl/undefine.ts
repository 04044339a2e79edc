import { mdevName } from '../../nodedev/names.ts';
import { MdevctlError } from '../failures.ts';
import * as messages from './messages.ts';
import { inItsWords } from './refusals.ts';
import {
  forceOption,
  helpOption,
  parentOption,
  type Subcommand,
  uuidOption,
} from './subcommand.ts';

export const undefine: Subcommand = {
  name: 'undefine',
  summary: 'Remove the definition of a device, under all parents or one',
  changes: true,
  options: [uuidOption, parentOption, forceOption, helpOption],
  required: [['uuid']],

  async run({ given, connection }) {
    const [uuid, parent] = [given.get('uuid') ?? '', given.get('parent')];
    const { items } = await connection.mdevctlDevices({ defined: true, uuid });
    const names = items
      .filter((one) => parent === undefined || one.parent === parent)
      .map((one) => mdevName(uuid, one.parent));
    if (names.length === 0) throw new MdevctlError(messages.noneMatches);
    await inItsWords({ what: 'other' }, () => connection.undefine(names));
  },
};
