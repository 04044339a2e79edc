import * as v from 'valibot';
import {
  bytes,
  checkArguments,
  optionalText,
  optionsOf,
  type ShapesOf,
  withArguments,
} from '../../arguments.ts';
import { byLocation, type Issue, issuesOf, NodedevError } from '../../errors.ts';
import type { Domain } from '../../domain/domain.ts';
import type { HostPicture } from '../../policy/picture.ts';
import { domainShape } from '../../domain/hostdev-shape.ts';
import { domainRules } from '../../domain/rules/index.ts';
import { nameRules } from '../../domain/rules/names.ts';
import { OtherDomains } from '../../domain/other-domains.ts';
import {
  validateDomainTree,
  type ValidateDomainTreeOptions,
} from '../../domain/validate-domain.ts';
import { domainAround, WHOLE_DOMAIN } from '../../domain/snippet.ts';
import { isModuleName, notLoaded } from '../../drivers/not-loaded.ts';
import { cardIssues } from '../../host/simulated/card-settings.ts';
import { readProfile } from '../../host/simulated/parse-profile.ts';
import { unexpectedRoot } from '../../nodedev/messages.ts';
import type { NodeDevice } from '../../nodedev/device.ts';
import { nodeDeviceElements, parseNodeDeviceElement } from '../../nodedev/parse.ts';
import type { KnownStates } from '../../relaxng/matcher.ts';
import type { Schema } from '../../relaxng/schema.ts';
import { nearMiss } from '../../suggest.ts';
import { childElements, type XmlElement } from '../../xml/element.ts';
import { readXml } from '../../xml/read.ts';
import { withoutIgnored } from './ignore-comments.ts';
import { withoutRepeats } from './without-repeats.ts';
import { fleetIssues } from './fleet.ts';
import { type DocumentKind, OWN_SCHEMAS, type Schemas } from './own-schemas.ts';
import { placeInStream, readStream } from './stream.ts';

export interface ValidateOptions {
  /** The file's name for messages. */
  readonly file?: string | undefined;
}

export interface ValidateDocumentOptions extends ValidateOptions {
  /** The host that the domain will run on. */
  readonly host?: HostPicture | undefined;
  /** Other domains that may name the same devices; one of the same uuid (or name) is the domain itself. */
  readonly domains?: readonly Domain[] | undefined;
}

const VALIDATE_ARGUMENTS = [
  bytes,
  optionsOf({
    file: optionalText,
    host: v.optional(v.looseObject({})),
    domains: v.optional(v.array(domainShape)),
  } satisfies ShapesOf<ValidateDocumentOptions>),
];
const NODE_DEVICE_ARGUMENTS = [
  bytes,
  optionsOf({ file: optionalText } satisfies ShapesOf<ValidateOptions>),
];

/**
 * Checks any document of this library, recognised by its root element: `<domain>`, `<device>` or `<devices>`, `<host>`
 * (the profile of a simulated host), `<fleet>`. The issues of XML, schema, readers and rules are in one list, sorted by location,
 * with each mistake once.
 *
 * @returns nothing for a valid document. Codes: those of `validationRules`
 */
export function validateDocument(
  text: string | Uint8Array,
  options: ValidateDocumentOptions = {},
): readonly Issue[] {
  return withArguments('validateDocument', VALIDATE_ARGUMENTS, [text, options], () => {
    const { file, host, domains } = options;
    return validateText(text, file, (root) =>
      validateTree(root, { host, others: new OtherDomains(domains) }),
    );
  });
}

/** {@link validateDocument} for a document that must be a node device, or several in `<devices>`. */
export function validateNodeDevice(
  text: string | Uint8Array,
  options: ValidateOptions = {},
): readonly Issue[] {
  checkArguments('validateNodeDevice', NODE_DEVICE_ARGUMENTS, [text, options]);
  return validateText(text, options.file, validateNodeDeviceTree);
}

/** {@link validateNodeDevice} for a document that was read already. */
export function validateNodeDeviceTree(root: XmlElement): readonly Issue[] {
  return documentKind(root) === 'device'
    ? validateTree(root)
    : refusalOf(() => nodeDeviceElements(root));
}

/** @internal */
export interface ValidateTreeOptions extends ValidateDomainTreeOptions {
  /** What a host has to say to the node devices of a document. */
  readonly devices?: ((devices: readonly NodeDevice[]) => readonly Issue[]) | undefined;
  /** Of a domain that is edited: what the schema said of its elements. */
  readonly states?: KnownStates | undefined;
}

/**
 * {@link validateDocument} for a document that was read already.
 *
 * @param schemas default: ours
 * @throws NodedevError `schema-invalid` when a schema cannot be had; whatever is in the document is an issue
 */
export function validateTree(
  root: XmlElement,
  options: ValidateTreeOptions = {},
  schemas: Schemas = OWN_SCHEMAS,
): readonly Issue[] {
  const kind = documentKind(root);
  if (kind === undefined) return [unknownDocument(root)];
  const schema = schemas.of(kind);
  switch (kind) {
    case 'domain': {
      const domain = root.name === 'domain' ? root : domainAround(hostdevsOf(root));
      // Another schema than ours knows every name, and a wrong one is an error there.
      const left = new Set([
        ...(root === domain ? [] : WHOLE_DOMAIN),
        ...(schemas === OWN_SCHEMAS ? [] : NAME_WARNINGS),
      ]);
      const findings = validateDomainTree(domain, options).filter(({ code }) => !left.has(code));
      const issues = schemaIssues(schema, domain, options.states);
      return withoutRepeats(domain, issues, findings, isReadingDomain);
    }
    case 'device': {
      const roots = schemas.knowDevices ? [root] : devicesOf(root);
      const issues = roots.flatMap((element) => schemaIssues(schema, element));
      const found = withoutRepeats(root, issues, readingProblems(root), () => true);
      const isReadable = !found.some(({ severity }) => severity === 'error');
      return isReadable && options.devices !== undefined
        ? [...found, ...options.devices(devicesOf(root).map(parseNodeDeviceElement))]
        : found;
    }
    case 'host':
      return validateProfile(root, schema);
    case 'fleet':
      return fleetIssues(root, schema);
  }
}

/** The kind of a document, by its root element; undefined: unknown. */
export function documentKind({ name }: Pick<XmlElement, 'name'>): DocumentKind | undefined {
  return Object.hasOwn(ROOTS, name) ? ROOTS[name] : undefined;
}

/** The names of the root elements of documents. */
export const rootNames = (): readonly string[] => Object.keys(ROOTS);

const ROOTS: Readonly<Record<string, DocumentKind>> = {
  domain: 'domain',
  device: 'device',
  devices: 'device',
  host: 'host',
  hostdev: 'domain',
  hostdevs: 'domain',
  fleet: 'fleet',
};

const READING_DOMAIN: ReadonlySet<string> = new Set(
  domainRules()
    .filter(({ stage, severity }) => stage === 'parse' && severity === 'error')
    .map(({ code }) => code),
);

const NAME_WARNINGS: ReadonlySet<string> = new Set(
  nameRules.filter(({ severity }) => severity === 'warning').map(({ code }) => code),
);

/** What a schema finds in a document of libvirt's, whose readers pass over text between elements. */
function schemaIssues(schema: Schema, root: XmlElement, known?: KnownStates): readonly Issue[] {
  const hint = 'remove it; libvirt ignores it, only the schema refuses it';
  return schema
    .validate(root, { known })
    .map((issue) => (issue.code === 'schema-text' ? { ...issue, hint } : issue));
}

function isReadingDomain({ code }: Issue): boolean {
  return READING_DOMAIN.has(code);
}

/** The problems of every device, not only of the first that has some. */
function readingProblems(root: XmlElement): readonly Issue[] {
  const problems = devicesOf(root).flatMap((element) =>
    refusalOf(() => parseNodeDeviceElement(element)),
  );
  return problems.length > 0 ? problems : refusalOf(() => nodeDeviceElements(root));
}

function devicesOf(root: XmlElement): readonly XmlElement[] {
  return root.name === 'devices' ? childElements(root) : [root];
}

function hostdevsOf(root: XmlElement): readonly XmlElement[] {
  return root.name === 'hostdevs' ? childElements(root) : [root];
}

/** Checks a profile. Its reader stops at the first mistake, so it is asked only when the schema finds none. */
function validateProfile(root: XmlElement, schema: Schema): readonly Issue[] {
  const issues = [...schema.validate(root), ...cardIssues(root, notLoaded)].toSorted(byLocation);
  const notRun = childElements(root, 'card').flatMap(driverNotRun);
  return [
    ...notRun,
    ...(issues.length > 0 ? issues : refusalOf(() => readProfile(root, { modules: notLoaded }))),
  ];
}

/** A validation runs no driver: what its rules would find is not found. */
function driverNotRun({ attributes }: XmlElement): readonly Issue[] {
  const driver = attributes.find(({ name, value }) => name === 'driver' && isModuleName(value));
  if (driver === undefined) return [];
  const message = `The driver ${driver.value} is not run: settings and types of its card are not checked`;
  const hint = "the option `profileDrivers: 'all'` of `initSimulatedHost` runs it";
  const { location } = driver;
  return [{ code: 'driver-not-run', message, severity: 'notice', location, hint }];
}

function unknownDocument(root: XmlElement): Issue {
  const near = nearMiss(root.name, rootNames());
  return {
    code: 'document-unknown',
    message: unexpectedRoot(
      root.name,
      '<domain>, <hostdev>, <device>, <devices>, <host> or <fleet>',
    ),
    severity: 'error',
    location: root.location,
    hint: near === undefined ? undefined : `did you mean <${near}>?`,
    ...(near && { fix: { kind: 'name', name: near } }),
  };
}

/**
 * The issues of a text: a text that is no XML gives one issue, otherwise `validate` is called. Without those that a
 * comment in the text says to ignore.
 */
export function validateText(
  text: string | Uint8Array,
  file: string | undefined,
  validate: (root: XmlElement) => readonly Issue[],
): readonly Issue[] {
  return withoutIgnored(text, file, textIssues(text, file, validate));
}

function textIssues(
  text: string | Uint8Array,
  file: string | undefined,
  validate: (root: XmlElement) => readonly Issue[],
): readonly Issue[] {
  let root: XmlElement;
  try {
    root = readXml(text, { file }).root;
  } catch (error) {
    const isDocument = error instanceof NodedevError && error.code !== 'request-invalid';
    const roots = isDocument ? readStream(text, file) : undefined;
    if (roots === undefined) return refused(error);
    return roots.flatMap(validate).map(placeInStream).toSorted(byLocation);
  }
  return validate(root);
}

/** The error that `read` throws, as issues; none when it succeeds. */
function refusalOf(read: () => unknown): readonly Issue[] {
  try {
    read();
    return [];
  } catch (error) {
    return refused(error);
  }
}

function refused(error: unknown): readonly Issue[] {
  // No document at all is the caller's mistake, and none of a document.
  if (!(error instanceof NodedevError) || error.code === 'request-invalid') throw error;
  return issuesOf(error);
}
