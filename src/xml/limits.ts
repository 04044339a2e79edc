/** Elements may stand inside each other this deep. libvirt's own documents stay under 20. */
export const MAX_DEPTH = 100;

/**
 * Elements, attributes, comments and processing instructions a document may have: its tree then stays under about
 * half a gigabyte, whatever the document says. 16 MiB of real devices have fewer.
 */
export const MAX_NODES = 500_000;

/** libxml2's own limits, in characters: libvirt refuses longer names, texts and values. */
export const MAX_NAME_LENGTH = 50_000;
export const MAX_TEXT_LENGTH = 10_000_000;
