import { connect, type Issue, type Planner } from '../index.ts';

/** Opens a connection. A module of its own, so that what needs none does not load the engine. */
export function openConnection(
  uri: string | undefined,
  report: (issue: Issue) => void,
): Promise<Planner> {
  return connect(uri, { report });
}
