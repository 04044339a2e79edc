import type { NodeDeviceManager } from '../../src/index.ts';

/** A manager that answers only what a test gives it: for what a host is hard to bring to say. */
export function fakeManager(answers: Partial<NodeDeviceManager>): () => Promise<NodeDeviceManager> {
  const manager: NodeDeviceManager = {
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
    claim: unexpected,
    release: unexpected,
    types: unexpected,
    validate: unexpected,
    cards: unexpected,
    startDomain: unexpected,
    stopDomain: unexpected,
    resetHost: unexpected,
    doctor: unexpected,
    recover: unexpected,
    close: () => Promise.resolve(),
    ...answers,
  };
  return () => Promise.resolve(manager);
}

function unexpected(): never {
  throw new Error('unexpected call');
}
