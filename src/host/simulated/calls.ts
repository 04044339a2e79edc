/** What a program or a VM asks of a simulated kernel; `attribute` is a write to any other file. */
export const CALLS = ['create', 'remove', 'attribute', 'open', 'close'] as const;
export type SimulatedCall = (typeof CALLS)[number];
