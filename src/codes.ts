/**
 * The stable codes of {@link NodedevError}. A code is never renamed: programs compare them.
 */
export type ErrorCode =
  // xml/: the document itself
  | 'xml-malformed'
  | 'xml-doctype'
  | 'xml-encoding'
  | 'xml-too-deep'
  | 'xml-too-large'
  | 'xml-unwritable'
  | 'xpath-invalid'
  | 'document-unknown'
  // nodedev/ and domain/: what the document says
  | 'nodedev-invalid'
  | 'domain-invalid'
  | 'hostdev-duplicate'
  | 'hostdev-unsupported'
  | 'profile-invalid'
  | 'fleet-invalid'
  | 'driver-invalid'
  | 'driver-refused'
  | 'schema-invalid'
  // connecting
  | 'uri-invalid'
  | 'host-not-found'
  | 'host-not-simulated'
  | 'no-mdev-support'
  | 'permission-denied'
  | 'read-only'
  | 'connection-closed'
  | 'host-unreached'
  // over ssh
  | 'ssh-failed'
  | 'connection-lost'
  | 'protocol-mismatch'
  | 'protocol-error'
  | 'not-remote'
  // naming things
  | 'parent-missing'
  | 'parent-unknown'
  | 'parent-without-mdev'
  | 'type-unknown'
  | 'type-ambiguous'
  | 'type-mismatch'
  | 'criterion-invalid'
  | 'request-invalid'
  | 'device-unknown'
  | 'device-ambiguous'
  | 'name-exists'
  // doing things
  | 'no-instances'
  | 'uuid-exists'
  | 'in-use'
  | 'params-unsupported'
  | 'attribute-invalid'
  | 'group-unknown'
  | 'group-exists'
  | 'group-required'
  | 'group-owned'
  | 'group-member'
  | 'group-open'
  | 'device-foreign'
  | 'device-unusable'
  | 'devices-mixed'
  | 'function-in-use'
  | 'function-rebound'
  | 'domain-incomplete'
  | 'domain-without-devices'
  | 'hotplug-refused'
  | 'host-refused'
  | 'resources-refused'
  | 'resources-kept'
  | 'resources-taken'
  | 'resources-absent'
  | 'host-timeout'
  | 'setup-refused'
  | 'timeout'
  | 'store-failed'
  | 'lock-timeout'
  | 'mount-failed'
  | 'listen-failed'
  | 'attach-failed'
  | 'aborted'
  | 'events-lost'
  | 'recovery-failed'
  | 'operation-unknown'
  // plans
  | 'plan-refused'
  | 'plan-stale'
  | 'plan-invalid'
  // etcd
  | 'etcd-unavailable'
  | 'etcd-refused'
  | 'etcd-invalid'
  | 'etcd-compacted'
  // definitions
  | 'device-active'
  | 'device-inactive'
  | 'device-defined'
  | 'device-undefined'
  | 'definition-invalid'
  | 'definition-changed'
  | 'definition-mismatch'
  | 'script-failed'
  | 'unsupported-device';

/** The codes of a validation about files and comments. */
export type ValidationCode =
  /** A file that cannot be read; only of the command. */
  | 'file-unreadable'
  /** A comment for this program that it does not understand. */
  | 'ignore-unknown'
  /** A profile's driver in a file of its own, which a validation does not run. */
  | 'driver-not-run';

/** The codes of what a RELAX NG schema finds. */
export type SchemaCode =
  | 'schema-element-unexpected'
  | 'schema-element-repeated'
  | 'schema-element-order'
  | 'schema-element-missing'
  | 'schema-attribute-unexpected'
  | 'schema-attribute-missing'
  | 'schema-value'
  | 'schema-text';

/** The codes of the rules for domains, by the stage in which the mistake is found. */
export type DomainRuleCode =
  // parse
  | 'hostdev-mode-invalid'
  | 'hostdev-type-missing'
  | 'hostdev-type-invalid'
  | 'hostdev-source-missing'
  | 'startup-policy-not-usb'
  | 'scsi-attribute-not-scsi'
  | 'model-not-mdev'
  | 'hostdev-switch-invalid'
  | 'mdev-model-missing'
  | 'mdev-model-invalid'
  | 'mdev-source-address-missing'
  | 'mdev-uuid-missing'
  | 'mdev-uuid-invalid'
  | 'hostdev-thread-form'
  | 'boot-order-invalid'
  | 'boot-loadparm-invalid'
  | 'acpi-index-invalid'
  | 'address-type-invalid'
  | 'address-number-invalid'
  | 'pci-address-range'
  | 'ccw-address-invalid'
  // ignored
  | 'hostdev-source-repeated'
  | 'mdev-managed-ignored'
  | 'ap-address-ignored'
  | 'alias-ignored'
  | 'mdev-rom-ignored'
  | 'mdev-driver-ignored'
  | 'domain-element-lost'
  | 'domain-element-unknown'
  | 'domain-attribute-unknown'
  | 'domain-namespace-missing'
  // post-parse
  | 'mdev-address-type'
  | 'boot-order-duplicate'
  | 'boot-order-with-os-boot'
  // validate
  | 'hostdev-address-type'
  | 'hostdev-duplicate'
  | 'ramfb-multiple'
  | 'alias-duplicate'
  | 'hostdev-teaming'
  | 'ccw-devno-duplicate'
  | 'zpci-duplicate'
  | 'domain-type-without-mdev'
  // qemu
  | 'pci-address-duplicate'
  | 'pci-address-unusable'
  | 'pci-controller'
  | 'zpci-uid-range'
  | 'zpci-arch'
  | 'mdev-model-arch'
  | 'hostdev-capabilities-mode'
  | 'write-filtering-unsupported'
  | 'usb-disabled'
  | 'mdev-boot-unsupported'
  | 'vhost-scsi-boot-unsupported'
  | 'display-without-graphics'
  | 'ap-multiple'
  // start
  | 'qemu-set-device'
  | 'display-model'
  | 'ramfb-without-display'
  | 'display-without-opengl'
  | 'display-not-shown'
  | 'spice-gl-remote'
  // host
  | 'host-without-vfio'
  | 'mdev-not-active'
  | 'mdev-model-mismatch'
  | 'mdev-in-use'
  | 'mdev-unusable'
  | 'mdev-start-fails'
  | 'mdev-type-differs'
  | 'hostdev-function-in-use'
  | 'hostdev-function-managed'
  | 'guest-address-of-host'
  | 'display-needs-opengl'
  | 'mdev-groups-differ'
  | 'mdev-group-viommu'
  | 'mdev-group-incomplete'
  /** The codes of a driver's rules: `nvidia-vgpus-mixed`. */
  | `${string}-vgpus-mixed`
  | `${string}-vgpus-several`
  // other-domains
  | 'domain-uuid-twice'
  | 'mdev-in-two-domains'
  | 'mdev-group-split';

/** The codes of the doctor's findings. */
export type DoctorCode =
  /** The host has no parent, and why. */
  | 'doctor-no-mdev-support'
  /** Some hardware that could have mediated devices has none, while other hardware has. */
  | 'doctor-hardware-without-mdev'
  /** Which framework a card has, and why. */
  | 'doctor-framework'
  /** A parent, type or device in sysfs that cannot be read, and is left out of lists. */
  | 'doctor-unreadable'
  /** A parent is registered, but its driver offers no type. */
  | 'doctor-parent-without-types'
  /** No type of a card has an instance left, although it has no device. */
  | 'doctor-parent-blocked'
  /** No type of a card has an instance left; the finding names the devices that use it. */
  | 'doctor-parent-full'
  /** A parent offers types of another board than it is. */
  | 'doctor-types-odd'
  /** A parent that libvirt does not list. */
  | 'doctor-hidden-from-libvirt'
  /** An unused device without a definition that virt-nodedev did not create. */
  | 'doctor-orphan'
  /** A device in use without a definition that virt-nodedev did not create. */
  | 'doctor-foreign-device'
  /** A group that no domain has claimed or opened. */
  | 'doctor-without-owner'
  /** A device of two domains, by their configuration or by a claim. */
  | 'doctor-two-domains'
  /** A domain is defined with a device that is neither active nor defined. */
  | 'doctor-domain-device-missing'
  /** A domain is defined with a device that is active, but not defined. */
  | 'doctor-domain-device-transient'
  /** A domain is defined that may not have its devices, or cannot get them when it starts. */
  | 'doctor-domain-cannot-start'
  /** Two domains with one uuid. */
  | 'doctor-domain-uuid'
  /** An active device that no VM can open. */
  | 'doctor-device-unusable'
  /** Another program took the type of a function of ours, or gave it another. */
  | 'doctor-function-changed'
  /** An active device of another type than its definition. */
  | 'doctor-type-differs'
  /** Guests see a defined type otherwise than when it was defined: its driver was updated. */
  | 'doctor-type-changed'
  /** Definitions with autostart that cannot all start at boot. */
  | 'doctor-autostart-room'
  /** Two devices take the same parts of a card by their attributes: only one of them can be active. */
  | 'doctor-resources-taken'
  /** Two definitions with autostart take the same parts of a card. */
  | 'doctor-resources-autostart'
  /** A definition takes what the host keeps for itself. */
  | 'doctor-resources-kept'
  /** A device takes what the host does not have. */
  | 'doctor-resources-absent'
  /** A definition has a value that the driver never takes. */
  | 'doctor-resources-refused'
  /** A defined group that can never start as a whole. */
  | 'doctor-group-room'
  /** A libvirt file that should be a domain but is not. */
  | 'doctor-domain-unreadable'
  /** Domains that this user must not read. */
  | 'doctor-domain-hidden'
  /** The store cannot be read, by this user or by anybody: groups, owners and aliases are not known. */
  | 'doctor-store-unreadable'
  /** A file that should define a device but does not. */
  | 'doctor-definition-unreadable'
  /** A definition that this user must not read. */
  | 'doctor-definition-hidden'
  /** A definition whose parent does not exist. */
  | 'doctor-definition-parent'
  /** A definition of a type that its parent does not offer. */
  | 'doctor-definition-type'
  | 'doctor-definition-function'
  /** A udev rule that starts devices with a program that does not exist. */
  | 'doctor-autostart-rule'
  | 'doctor-read-only'
  /** A folder that a killed process of ours served is still mounted. */
  | 'doctor-mount-dead'
  /** A driver in a simulated host's folder, which others can change, or which doctor only does not run. */
  | 'doctor-driver-unsafe'
  | 'doctor-driver-not-run'
  /** Another program has written into the directory of a simulated host, where nothing takes it. */
  | 'write-unanswered';

/** The codes of warnings of a change, beside its result or its error. */
export type ChangeCode =
  | 'undone'
  | 'undo-failed'
  | 'recovered'
  | 'recovery-left'
  | 'script-output'
  | 'element-ignored';

/** All codes of issues. */
export type IssueCode =
  | ErrorCode
  | ValidationCode
  | SchemaCode
  | DomainRuleCode
  | DoctorCode
  | ChangeCode;
