/** One of two small devices, or the large one (3) that takes the room of both. */
export function planDocument(digit: number): string {
  return `<device><parent>pci_0000_86_00_0</parent><capability type='mdev'>
    <type id='${digit === 3 ? 'nvidia-22' : 'nvidia-18'}'/>
    <uuid>00000000-0000-4000-8000-00000000000${digit}</uuid>
    <params>frame_rate_limiter=${digit}</params></capability></device>`;
}
