// The public API. Programs and the command use nothing else.
export type { Domain, DomainDevice, DomainHostdev } from './domain/domain.ts';
export type { ActiveDevice, DefinedDevice, DeviceOwner, HostView } from './domain/host-view.ts';
export type { GuestAddress, Hostdev, HostdevModel, PciHostdev } from './domain/hostdev.ts';
export type { HostdevOptions } from './domain/hostdev-for.ts';
export { hostdevFor } from './domain/hostdev-for.ts';
export { formatHostdev } from './domain/hostdev-xml.ts';
export type { InsertOptions } from './domain/insert-hostdev.ts';
export { insertHostdev } from './domain/insert-hostdev.ts';
export type { ParseDomainOptions } from './domain/parse-domain.ts';
export { parseDomain, parseHostdevs } from './domain/parse-domain.ts';
export type { QemuOptions } from './domain/qemu-arguments.ts';
export { qemuDeviceArguments } from './domain/qemu-arguments.ts';
export { domainRules } from './domain/rules/index.ts';
export type { Rule, Stage } from './domain/rules/rule.ts';
export type { ValidateDomainOptions } from './domain/validate-domain.ts';
export { validateDomain } from './domain/validate-domain.ts';
export type { Card, CardDevice, CardType, Explanation } from './drivers/driver.ts';
export type { TypeFacts } from './drivers/type-facts.ts';
export type { TypeField } from './drivers/type-fields.ts';
export { typeFields } from './drivers/type-fields.ts';
export type { ConnectOptions } from './engine/connect.ts';
export { DEFAULT_URI } from './engine/connect.ts';
export type { TypeRequest } from './engine/devices/types-of-parent.ts';
export type * from './engine/node-device-manager.ts';
export type {
  ActiveState,
  DefinedState,
  DeviceState,
  HostState,
} from './engine/devices/host-state.ts';
export type {
  ClaimOperation,
  DeviceOperation,
  Operation,
  OperationDevice,
} from './engine/devices/operations.ts';
export type * from './engine/types.ts';
export type { HostType } from './host/host.ts';
export { doctorFindings } from './engine/doctor/findings.ts';
export type { ValidateDocumentOptions, ValidateOptions } from './engine/validate/document.ts';
export { validateDocument, validateNodeDevice } from './engine/validate/document.ts';
export { validateDocuments } from './engine/validate/documents.ts';
export type { ValidationRule } from './engine/validate/rules.ts';
export { validationRules } from './engine/validate/rules.ts';
export type { ErrorCode, Issue, Location, Severity } from './errors.ts';
export { NodedevError } from './errors.ts';
export type { EventOrigin } from './host/host.ts';
export { initSimulatedHost } from './host/simulated/init.ts';
export { readSampleProfile, sampleProfiles } from './host/simulated/samples.ts';
export type * from './nodedev/device.ts';
export type { FormatNodeDeviceOptions } from './nodedev/format.ts';
export { formatNodeDevice } from './nodedev/format.ts';
export type { ParseNodeDeviceOptions } from './nodedev/parse.ts';
export type { MdevName } from './nodedev/names.ts';
export { mdevName, nodeDeviceName, parseMdevName } from './nodedev/names.ts';
export { parseNodeDevice, parseNodeDevices } from './nodedev/parse.ts';
export { parseUuid } from './nodedev/uuid.ts';
export { topologyDot } from './pictures/dot.ts';
export { topologyHtml } from './pictures/html.ts';
export { topologySvg } from './pictures/svg.ts';
export { topologyText } from './pictures/text.ts';
export type { TextOptions } from './pictures/text-lines.ts';
export type { Creation } from './plan/creation.ts';
export { parseCreation, parsePlacementRequest } from './plan/creation.ts';
export { explain } from './plan/explain.ts';
export type { Blocker, TypeExplanation } from './plan/explain.ts';
export { place } from './plan/place.ts';
export type {
  Affinity,
  Misfit,
  PlacedDevice,
  Placement,
  PlacementRequest,
  Policy,
} from './plan/placement.ts';
export type { Planner } from './plan/planner.ts';
export type {
  ApplicablePlan,
  ApplyOptions,
  ApplyResult,
  Difference,
  LeftDevice,
  ParentsPrediction,
  Plan,
  PlannedAction,
  PlanOptions,
} from './plan/plan.ts';
export type { ParsePlanOptions } from './plan/parse-plan.ts';
export { parsePlan } from './plan/parse-plan.ts';
export { connect } from './plan/planner.ts';
export type { Prediction } from './plan/predict.ts';
export { predict } from './plan/predict.ts';
export type {
  Topology,
  TopologyCard,
  TopologyDevice,
  TopologyDomain,
  TopologyParent,
  TopologyType,
} from './plan/topology.ts';
export { nearMiss } from './suggest.ts';
export { cellsText, cellsWidth, fittingCells, printable, terminalCells } from './terminal-text.ts';
export type { XmlElement } from './xml/element.ts';
export { selectXpath } from './xml/xpath.ts';
