/**
 * The attribute of a mediated device that says with which others it shares hardware resources: those with the same uuid. It is random
 * at creation, and changes until one of the set is open (thread "Add Mediated device support", 2016). A driver of today has none.
 */
export const PEER_UUID = 'peer_to_peer_resource_uuid';
