import type { PlannedAction } from '../plan/plan.ts';
import * as messages from './messages.ts';
import { subjectOf } from './plan-text.ts';

/** What an action of a plan has done. */
export function actionSentence(action: PlannedAction): string {
  if (action.action === 'claim') return messages.claimed(action.group, action.owner.name);
  if (action.action === 'release') return messages.released(action.group);
  const name = subjectOf(action);
  const source = action.source ?? '<input>';
  switch (action.action) {
    case 'set-up':
      return messages.setUp(name, action.words);
    case 'adopt':
      return messages.adopted(name);
    case 'regroup':
      return messages.groupJoined(name, action.device.group);
    case 'destroy':
      return messages.destroyed(name);
    case 'undefine':
      return messages.undefinedDevice(name);
    case 'create':
      return messages.created(name, source);
    case 'start':
      return messages.started(name);
    case 'define':
      return messages.defined(name, source);
    case 'update':
      return messages.updated(name, { live: true, config: false });
    case 'redefine':
      return messages.updated(name, { live: false, config: true });
  }
}
