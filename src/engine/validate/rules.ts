import { domainRules } from '../../domain/rules/index.ts';
import type { ErrorCode, IssueCode, Severity } from '../../errors.ts';
import { SCHEMA_RULES } from '../../relaxng/messages.ts';

/** The meaning of one code of an issue. */
export interface ValidationRule {
  readonly code: IssueCode;
  readonly severity: Severity;
  /** The rule, in one line. */
  readonly summary: string;
  /** The source of the rule: a specification, the schema, the function in libvirt or QEMU, or the vendor's page. */
  readonly source: string;
}

const XML = 'https://www.w3.org/TR/xml/';
const LIMITS = 'limits of this program against hostile documents';

/** The codes of documents that cannot be read, for which no rule is asked. */
const DOCUMENT_RULES: readonly (readonly [code: ErrorCode, summary: string, source: string])[] = [
  ['xml-malformed', 'the document is well-formed XML', XML],
  ['xml-encoding', 'the document is in the encoding that it declares, else in UTF-8', XML],
  ['xml-doctype', 'the document has no DOCTYPE', LIMITS],
  ['xml-too-deep', 'elements are nested 100 deep at most', LIMITS],
  ['xml-too-large', 'the document has 16 MiB and half a million elements at most', LIMITS],
  [
    'document-unknown',
    'the root element is <domain>, <hostdev>, <device>, <devices>, <host> or <fleet>',
    'the kinds of documents this program knows',
  ],
  [
    'nodedev-invalid',
    'a node device says what libvirt needs to read it',
    'libvirt src/conf/node_device_conf.c: virNodeDeviceDefParseXML',
  ],
  [
    'profile-invalid',
    'the devices of a host profile fit each other',
    'samples/hosts/README.md: the format of host profiles',
  ],
  ['fleet-invalid', 'the hosts of a fleet have names of their own', 'docs/fleet.md: fleet files'],
];

const CREATE = 'what create and define would refuse on that host, as libvirt and the kernel do';
const DRIVER = "the kernel's driver of the device, as src/drivers/ has its rules";

/** The codes of node devices on a host: whether it has what they ask for, and what they take by their attributes. */
const RESOURCE_RULES: readonly ValidationRule[] = [
  ...(
    [
      ['no-mdev-support', 'with a host: it has devices that can be parents'],
      ['parent-unknown', 'with a host: it has the parent of the device'],
      ['parent-without-mdev', 'with a host: the parent offers types'],
      ['type-unknown', 'with a host: the parent offers the type'],
      ['type-ambiguous', 'with a host: the type is one of those that the parent offers'],
      ['params-unsupported', "with a host: the type's driver takes <params>"],
      ['no-instances', 'with a host: the GPU has a virtual function for each device'],
    ] as const
  ).map(([code, summary]) => ({ code, severity: 'error' as const, summary, source: CREATE })),
  {
    code: 'resources-refused',
    severity: 'error',
    summary: "with a host: its driver takes the device's attributes",
    source: DRIVER,
  },
  {
    code: 'resources-kept',
    severity: 'warning',
    summary: 'with a host: the host does not keep for itself what the device takes',
    source: DRIVER,
  },
  {
    code: 'resources-taken',
    severity: 'notice',
    summary: 'with a host: no other device takes the same by its attributes',
    source: DRIVER,
  },
  {
    code: 'resources-absent',
    severity: 'notice',
    summary: 'with a host: the host has what the device takes',
    source: DRIVER,
  },
];

/** All codes of a validation, in the order in which a document is checked. */
export const validationRules: readonly ValidationRule[] = [
  ...DOCUMENT_RULES.map(([code, summary, source]) => ({
    code,
    severity: 'error' as const,
    summary,
    source,
  })),
  {
    code: 'file-unreadable',
    severity: 'error',
    summary: 'every file can be read',
    source: 'the operating system',
  },
  {
    code: 'driver-not-run',
    severity: 'notice',
    summary: "a profile's drivers are those of this package, whose rules can be asked",
    source: 'samples/drivers/README.md: a driver runs with the rights of who runs the command',
  },
  {
    code: 'ignore-unknown',
    severity: 'warning',
    summary: 'a comment <!-- virt-nodedev: ignore CODE --> names codes that there are',
    source: 'docs/validate.md: rules that are ignored',
  },
  ...SCHEMA_RULES.map(([code, sentence]) => ({
    code,
    severity: 'error' as const,
    summary: sentence,
    source: 'RELAX NG schema: schemas/*.rng, or the one given',
  })),
  ...RESOURCE_RULES,
  ...domainRules().map(({ code, severity, summary, source }) => ({
    code,
    severity,
    summary,
    source,
  })),
];
