import { connect, type Issue, type NodeDeviceManager } from '../index.ts';

/** Opens a connection. A module of its own, so that what needs none does not load the engine. */
export function openConnection(
  uri: string | undefined,
  report: (issue: Issue) => void,
): Promise<NodeDeviceManager> {
  return connect(uri, { report });
}
