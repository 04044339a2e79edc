/**
 * The public API: hosts and their devices, and all of `virt-nodedev/documents`. The command does not use this module,
 * because each of its commands loads only what it needs.
 */
export * from './documents.ts';

// Connecting to a host, real or simulated.
export type { ConnectOptions } from './engine/open.ts';
export { DEFAULT_URI } from './engine/open.ts';
export type { HostCapture } from './host/capture/assemble.ts';
export type { CaptureOptions } from './host/capture/capture.ts';
export type { ImportOptions } from './host/capture/import-types.ts';
export { importTypes } from './host/capture/import-types.ts';
export { sampleProfiles } from './host/simulated/samples.ts';
export { initSimulatedHost } from './plan/connect.ts';
export { connect } from './remote/connect.ts';
export type { SimulatedHostOptions } from './plan/connect.ts';
export type { Connection } from './plan/connection.ts';

// What a connection does and returns.
export type {
  Card,
  CardDevice,
  CardType,
  Driver,
  DriverCallbacks,
  OwnDriver,
} from './drivers/driver.ts';
export type { TypeFacts } from './drivers/type-facts.ts';
export type {
  OwnerOperation,
  DeviceOperation,
  Operation,
  OperationDevice,
} from './engine/devices/operations.ts';
export type { TypeRequest } from './engine/devices/types-of-parent.ts';
export type { NodeDeviceManager } from './engine/node-device-manager.ts';
export type * from './engine/attach/attachment.ts';
export type * from './engine/call-options.ts';
export type * from './engine/card-info.ts';
export type * from './engine/events/device-event.ts';
export type * from './engine/listed-device.ts';
export type * from './engine/mdevctl-view.ts';
export type * from './engine/results.ts';
export type * from './engine/simulation-options.ts';
export type * from './engine/sources.ts';
export type { GroupOwner } from './policy/owner.ts';
export type { SimulatedCall } from './host/simulated/calls.ts';
export type { EventOrigin, Holder, HostType } from './host/host.ts';
export type { CapabilityName } from './nodedev/capability-names.ts';

// Looking ahead: predictions, placements, plans.
export type { Creation } from './plan/creation.ts';
export type { Blocker, TypeExplanation } from './plan/explain.ts';
export type { ParsePlanOptions } from './plan/parse-plan.ts';
export { parsePlan } from './plan/parse-plan.ts';
export type {
  Affinity,
  Misfit,
  PlacedDevice,
  Placement,
  PlacementRequest,
  Policy,
} from './plan/placement.ts';
export type { Difference } from './plan/difference.ts';
export type {
  ApplicablePlan,
  ApplyOptions,
  ApplyResult,
  LeftDevice,
  ParentsPrediction,
  Plan,
  PlannedAction,
  PlanOptions,
} from './plan/plan.ts';
export type { Prediction } from './plan/predict.ts';

// Pictures of a host.
export { topologyDot } from './pictures/dot.ts';
export { topologyHtml } from './pictures/html.ts';
export { topologySvg } from './pictures/svg.ts';
export { topologyText } from './pictures/text.ts';
export type { TextOptions } from './pictures/text-lines.ts';
export type { HostInventory, InventoryCard } from './plan/inventory.ts';
export type { TopologyType } from './plan/room.ts';
export type {
  Topology,
  TopologyCard,
  TopologyDevice,
  TopologyDomain,
  TopologyParent,
} from './plan/topology.ts';
