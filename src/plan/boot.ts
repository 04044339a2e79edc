import { bootOvercommit } from '../engine/devices/boot-room.ts';
import type { Draft } from './draft.ts';

/** Warns when definitions that a plan makes or marks for autostart cannot all start at the next boot. */
export function warnOfBoot({ index, actions, undefined: gone, warnings }: Draft): void {
  const changed = new Map(
    actions.flatMap((action) =>
      action.action === 'define' || action.action === 'redefine'
        ? [[`${action.device.parent}/${action.device.uuid}`, action] as const]
        : [],
    ),
  );
  if (![...changed.values()].some(({ autostart }) => autostart)) return;
  const staying = index.state.devices.flatMap(({ uuid, parent, defined }) => {
    const { type, autostart } = defined?.definition ?? {};
    const isSame = !gone.has(uuid) && !changed.has(`${parent}/${uuid}`);
    return isSame && autostart === true && type !== undefined ? [{ uuid, parent, type }] : [];
  });
  const coming = [...changed.values()].flatMap(({ autostart, device: { uuid, parent, type } }) =>
    autostart ? [{ uuid, parent, type }] : [],
  );
  const issue = bootOvercommit(index.state.cards, [...staying, ...coming]);
  if (issue !== undefined) warnings.push(issue);
}
