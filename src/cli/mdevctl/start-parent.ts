import { NodedevError } from '../../errors.ts';
import { helpOption, type Subcommand } from './subcommand.ts';

/** For udev's rule. As with mdevctl, what cannot be started is told, and is no failure. */
export const startParentMdevs: Subcommand = {
  name: 'start-parent-mdevs',
  changes: true,
  options: [helpOption],
  argument: 'PARENT',

  async run({ given, connection, problems }) {
    const parent = given.get('PARENT') ?? '';
    const { items } = await connection.mdevctlDevices({ defined: true });
    const own = items.filter((one) => one.parent === parent);
    problems(own.flatMap(({ problem }) => problem ?? []));
    if (!own.some(({ autostart, problem }) => autostart && problem === undefined)) return;
    try {
      const { failed } = await connection.startParent(parent);
      problems(failed.map(({ error }) => error));
    } catch (error) {
      if (!(error instanceof NodedevError)) throw error;
      problems([error]);
    }
  },
};
