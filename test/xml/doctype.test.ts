import { expect, it } from 'vitest';
import { readXml } from '../../src/xml/read.ts';

const read = (doctype: string, after = '<a/>') =>
  readXml(`<?xml version="1.0"?>\n<!-- c -->${doctype}${after}`, { passDoctype: true });

it.each([
  '<!DOCTYPE vgpu SYSTEM "http://www.nvidia.com/dtd/vgpuConfig.dtd">',
  "<!DOCTYPE vgpu SYSTEM 'file:///etc/passwd' >",
  '<!DOCTYPE a PUBLIC "-//X//Y" "x.dtd">',
  '<!DOCTYPE a>',
  '<!DOCTYPE\n a\n SYSTEM\n ">"\n>',
])('%s is passed over where that is asked for, and lines stay', (doctype) => {
  expect(() => readXml(`${doctype}<a/>`)).toThrow(expect.objectContaining({ code: 'xml-doctype' }));
  const { root } = read(doctype);
  const text = `<!-- c -->${doctype}`;
  expect(root.location).toEqual({
    line: 2 + text.split('\n').length - 1,
    column: (text.split('\n').at(-1)?.length ?? 0) + 1,
  });
});

it.each([
  ['<!DOCTYPE a [<!ENTITY x "y">]>', 'xml-doctype'],
  ['<!DOCTYPE a SYSTEM "x" []>', 'xml-doctype'],
  ['<!DOCTYPE a SYSTEM "x" [<!ENTITY % e SYSTEM "http://x/">%e;]>', 'xml-doctype'],
  ['<!DOCTYPE a SYSTEM x>', 'xml-doctype'],
  ['<!DOCTYPE a "x">', 'xml-doctype'],
  ['<!DOCTYPE>', 'xml-doctype'],
  ['<!DOCTYPE a SYSTEM "x"', 'xml-doctype'],
  [`<!DOCTYPE a SYSTEM "${'x'.repeat(3000)}">`, 'xml-doctype'],
  ['<!DOCTYPE a SYSTEM "x"><!DOCTYPE a SYSTEM "x">', 'xml-doctype'],
])('%s is refused', (doctype, code) => {
  expect(() => read(doctype)).toThrow(expect.objectContaining({ code }));
});

it('entities of an outside declaration are not known, and one behind the root is refused', () => {
  const doctype = '<!DOCTYPE a SYSTEM "x">';
  expect(() => read(doctype, '<a>&x;</a>')).toThrow(
    expect.objectContaining({ code: 'xml-malformed' }),
  );
  expect(() => read('', `<a/>${doctype}`)).toThrow(
    expect.objectContaining({ code: 'xml-malformed' }),
  );
});
