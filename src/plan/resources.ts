import { attributeWrites } from '../engine/devices/attribute-writes.ts';
import type { OperationDevice } from '../engine/devices/operations.ts';
import { creating, modifying } from '../engine/wording/messages.ts';
import { groupBy } from '../group-by.ts';
import { mdevName } from '../nodedev/names.ts';
import { mayDefine, mayTake, takesResources, type Tenant } from '../policy/resources.ts';
import { issueOf, type Reason } from '../policy/verdict.ts';
import type { DesiredDevice, Draft, Target } from './draft.ts';
import type { PlannedAction } from './plan.ts';

/**
 * What the devices of a plan take by their attributes: refuses those that another active device has or the host keeps, and
 * tells what definitions have in common.
 */
export function checkResources(draft: Draft, targets: ReadonlyMap<DesiredDevice, Target>): void {
  const { index, actions } = draft;
  const requests = new Map([...targets].map(([{ uuid, request }]) => [uuid, request]));
  const byCard = groupBy(
    actions.flatMap((action) => (takes(action) ? [action] : [])),
    ({ device }) => index.find(device.parent)?.info,
  );
  for (const [info, own] of byCard) {
    if (info === undefined) continue;
    const parents = new Set(info.card.parents);
    const tenants = tenantsAfter(draft, parents);
    for (const action of own) {
      const { uuid, parent, type } = action.device;
      const writes = attributeWrites(type, action.device);
      const name = index.find(parent)?.parent.name ?? parent;
      const there = tenants.get(`${parent}/${uuid}`) ?? { uuid, parent };
      const shared = { card: info.card, tenants: [...tenants.values()] };
      const tell = (reasons: readonly Reason[]): void => {
        for (const reason of reasons) {
          const issue = issueOf(reason, () => requests.get(uuid)?.location);
          const isTold = draft.warnings.some(({ message }) => message === issue.message);
          if (!isTold) draft.tell(issue);
        }
      };
      if (action.action === 'define' || action.action === 'redefine') {
        tell(mayDefine(shared, { uuid, parent, type, writes }, action.autostart));
        const { autostart } = action;
        tenants.set(`${parent}/${uuid}`, { ...there, defined: { writes, autostart } });
        continue;
      }
      const files = action.action === 'update' ? there.active?.files : {};
      const doing =
        action.action === 'update' ? modifying(mdevName(uuid, parent)) : creating(uuid, type, name);
      tell(mayTake(shared, { uuid, parent, type, files, writes }, doing));
      tenants.set(`${parent}/${uuid}`, { ...there, active: { files, writes } });
    }
  }
}

type TakingAction = Extract<PlannedAction, { readonly device: OperationDevice }>;

const TAKING: ReadonlySet<string> = new Set(['create', 'start', 'update', 'define', 'redefine']);

const takes = (action: PlannedAction): action is TakingAction =>
  TAKING.has(action.action) && 'device' in action && takesResources(action.device.type);

/** The devices under these parents that a plan leaves. */
function tenantsAfter(draft: Draft, parents: ReadonlySet<string>): Map<string, Tenant> {
  const gone = { active: draft.destroyed, defined: draft.undefined };
  const here = draft.index.state.devices.filter(({ parent }) => parents.has(parent));
  return new Map(
    here.map(({ uuid, parent, active, defined }): [string, Tenant] => {
      const { attributes: writes, autostart } = defined?.definition ?? {};
      return [
        `${parent}/${uuid}`,
        {
          uuid,
          parent,
          active:
            active === undefined || gone.active.has(uuid)
              ? undefined
              : { files: active.files, writes: [] },
          defined:
            writes === undefined || gone.defined.has(uuid)
              ? undefined
              : { writes, autostart: autostart === true },
        },
      ];
    }),
  );
}
