import xpath from 'xpath';
import { NodedevError } from '../../errors.ts';
import { buildElement, type XmlElement } from '../element.ts';
import { ATTRIBUTE_AXIS, axes } from './axes.ts';
import { documentOf, XpathNode } from './nodes.ts';
import { printAttribute, printNode } from './print.ts';

/** Far more than anyone types, far less than what overruns the stack of a parser. */
const MAX_EXPRESSION_LENGTH = 1000;
const MAX_BRACKETS = 50;

/**
 * The package walks `following` and `preceding` wrongly, takes an attribute for an element on other axes, and finds
 * duplicates in a time that grows with the square. So both are ours, and count what they visit.
 */
xpath.PathExpr.applyStep = (step, context, node: XpathNode) => {
  const axis = axes.get(step.axis);
  if (axis === undefined) throw invalid('the namespace axis is not supported');
  const found: XpathNode[] = [];
  for (const each of axis(node)) {
    each.visit();
    // A name means an attribute on its own axis only (section 2.3).
    const matches =
      each.isAttribute && step.axis !== ATTRIBUTE_AXIS
        ? step.nodeTest.toString() === 'node()'
        : step.nodeTest.matches(each, context);
    if (matches) found.push(each);
  }
  return found;
};
xpath.XNodeSet.prototype.addArray = function addArray(nodes) {
  this.nodes = [...new Set([...this.nodes, ...nodes])];
  this.size = this.nodes.length;
  this.tree = null;
};

export interface SelectXpathOptions {
  /** Put the selected nodes into one element, `<nodes>`, as virsh does it; only elements can be. */
  readonly wrap?: boolean | undefined;
}

/**
 * What an XPath 1.0 expression selects in a tree, each as `virsh dumpxml --xpath` prints it on a line: an element as
 * its indented XML, an attribute as ` name="value"` (with the space in front), text escaped. Beyond virsh, which prints
 * nothing for them, a number, string or boolean is given as its one value. The root element is the context.
 *
 * @throws NodedevError `xpath-invalid` for an expression that does not compile or evaluate, or looks at more than two
 * million nodes; `xml-unwritable` for a tree with characters XML cannot hold
 */
export function selectXpath(
  root: XmlElement,
  expression: string,
  { wrap = false }: SelectXpathOptions = {},
): readonly string[] {
  checkExpression(expression);
  const result = evaluate(documentOf(root), expression);
  if (!wrap) return typeof result === 'string' ? [result] : result.map(print);
  const elements = typeof result === 'string' ? [] : result.map(({ origin }) => origin);
  if (typeof result === 'string' || !elements.every((node) => node?.kind === 'element')) {
    throw new NodedevError('xpath-invalid', 'only elements can be wrapped', {
      hint: 'leave the option `wrap` out, or select elements',
    });
  }
  return [printNode(buildElement('nodes', {}, elements))];
}

function checkExpression(expression: string): void {
  const brackets = expression.match(/[([]/g)?.length ?? 0;
  if (expression.length > MAX_EXPRESSION_LENGTH || brackets > MAX_BRACKETS) {
    throw invalid(
      `it is longer than ${MAX_EXPRESSION_LENGTH} characters or has more than ${MAX_BRACKETS} brackets`,
    );
  }
  if (expression.includes('\0')) throw invalid('it has a NUL character');
}

function evaluate(document: XpathNode, expression: string): string | readonly XpathNode[] {
  try {
    const value = xpath.parse(expression).evaluate({ node: document.children[0] ?? document });
    if (value instanceof xpath.XNodeSet) {
      return value.toArray().filter((node) => node instanceof XpathNode);
    }
    if (value instanceof xpath.XNumber) return String(value.numberValue());
    return value instanceof xpath.XBoolean ? String(value.booleanValue()) : value.stringValue();
  } catch (cause) {
    if (cause instanceof NodedevError || !(cause instanceof Error)) throw cause;
    throw invalid(cause.message, cause);
  }
}

function print(node: XpathNode): string {
  if (node.isAttribute) return printAttribute(node.nodeName, node.nodeValue);
  if (node.origin === undefined || node.origin.kind === 'instruction') {
    throw invalid('it selects something else than elements, attributes, text and comments');
  }
  return printNode(node.origin);
}

function invalid(reason: string, cause?: unknown): NodedevError {
  return new NodedevError('xpath-invalid', `XPath expression cannot be used: ${reason}`, {
    cause,
    hint: "an example: the expression '/device/capability/uuid'",
  });
}
