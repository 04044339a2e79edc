import { describe, expect, it } from 'vitest';
import { typeAttributes } from '../../src/drivers/registry.ts';

describe('the description of a type whose driver is not known, as the kernel gives it', () => {
  it.each([
    ['size: 4MB\nmode: fast', ['size=4MB', 'mode=fast']],
    ['queues = 8, __proto__=1, constructor=2', ['queues=8', '__proto__=1', 'constructor=2']],
    ['a device for everything', ['description=a device for everything']],
    [undefined, []],
  ])('%j', (description, expected) => {
    const items = typeAttributes({ id: 'acme-1', deviceApi: 'vfio-pci', description });
    expect(items.map(({ name, value }) => `${name}=${value}`)).toEqual(expected);
  });
});
