import { expect, it } from 'vitest';
import { buildElement } from '../../src/xml/element.ts';
import { writeXml } from '../../src/xml/write.ts';

it('prints a device as libvirt does', () => {
  const device = buildElement('device', {}, [
    buildElement('name', {}, ['a<b>&\'"']),
    buildElement('capability', { type: 'mdev' }, [
      buildElement('type', { id: '11' }),
      buildElement('attr', { name: 'x', value: 'tab\tline\n' }),
    ]),
  ]);
  expect(writeXml(device)).toBe(`<device>
  <name>a&lt;b&gt;&amp;&apos;&quot;</name>
  <capability type='mdev'>
    <type id='11'/>
    <attr name='x' value='tab&#9;line&#10;'/>
  </capability>
</device>
`);
});
