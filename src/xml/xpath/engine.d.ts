/**
 * What is used of the package `xpath`. Its own declarations name only a part of it, and would make the types of a
 * browser known everywhere.
 */
declare module 'xpath' {
  /** A value of XPath's four types. */
  export interface XValue {
    stringValue(): string;
    numberValue(): number;
    booleanValue(): boolean;
  }
  export interface NodeSet extends XValue {
    nodes: object[];
    size: number;
    tree: unknown;
    addArray(nodes: readonly object[]): void;
    toArray(): object[];
  }
  export interface Step {
    readonly axis: number;
    readonly nodeTest: { matches(node: object, context: object): boolean; toString(): string };
  }
  const xpath: {
    parse(expression: string): { evaluate(options: { readonly node: object }): XValue };
    readonly PathExpr: { applyStep(step: Step, context: object, node: never): object[] };
    readonly XNodeSet: { new (): NodeSet; readonly prototype: NodeSet };
    readonly XNumber: new () => XValue & { readonly num: number };
    readonly XBoolean: new () => XValue & { readonly b: boolean };
  };
  export default xpath;
}
