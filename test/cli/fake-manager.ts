import type { Connection } from '../../src/index.ts';

/** A manager that answers only what a test gives it: for what a host is hard to bring to say. */
export function fakeManager(answers: Partial<Connection>): () => Promise<Connection> {
  const manager: Connection = {
    uri: 'fake:///',
    list: unexpected,
    lookup: unexpected,
    info: unexpected,
    dumpxml: unexpected,
    create: unexpected,
    destroy: unexpected,
    destroyGroup: unexpected,
    define: unexpected,
    undefine: unexpected,
    start: unexpected,
    startGroup: unexpected,
    startParent: unexpected,
    autostart: unexpected,
    update: unexpected,
    groups: unexpected,
    group: unexpected,
    createGroup: unexpected,
    addToGroup: unexpected,
    removeFromGroup: unexpected,
    claim: unexpected,
    release: unexpected,
    claimDevices: unexpected,
    gc: unexpected,
    prepareDomain: unexpected,
    releaseDomain: unexpected,
    types: unexpected,
    capture: unexpected,
    domainNodes: unexpected,
    events: unexpected,
    validate: unexpected,
    predict: unexpected,
    explain: unexpected,
    place: unexpected,
    plan: unexpected,
    apply: unexpected,
    topology: unexpected,
    startDomain: unexpected,
    stopDomain: unexpected,
    resetHost: unexpected,
    plug: unexpected,
    unplug: unexpected,
    registerParent: unexpected,
    unregisterParent: unexpected,
    mountHost: unexpected,
    runCommand: unexpected,
    doctor: unexpected,
    recover: unexpected,
    close: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
    ...answers,
  };
  return () => Promise.resolve(manager);
}

function unexpected(): never {
  throw new Error('unexpected call');
}
