import { NodedevError } from '../errors.ts';
import { selectXpath } from '../xml/xpath.ts';

// A module of its own, loaded when needed: printing a device as it is takes no parser.

/**
 * What an XPath expression finds, one node after the other; with `wrap` in one element, as virsh does it, so that
 * the output is a document.
 *
 * @throws NodedevError `xpath-invalid`
 */
export function selectNodes(xml: string, expression: string, wrap: boolean): string {
  const nodes = selectXpath(xml, expression);
  if (!wrap) return nodes.map((node) => `${node}\n`).join('');
  if (nodes.some((node) => !node.startsWith('<'))) {
    throw new NodedevError('xpath-invalid', 'only elements can be wrapped', {
      hint: 'leave --wrap out, or select elements',
    });
  }
  return selectXpath(`<nodes>${nodes.join('')}</nodes>`, '/nodes').join('');
}
