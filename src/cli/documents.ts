import { isOtherDocument } from '../engine/validate/source-text.ts';
import type { DocumentReport, SourceText } from '../engine/sources.ts';
import { FileError } from './failures.ts';
import { Reader } from './files.ts';
import type { Io } from './io.ts';
import { type ScanOptions, xmlFiles } from './xml-files.ts';

/** The documents that a command line names. */
export interface Documents {
  readonly sources: readonly SourceText[];
  /** What could not be read. */
  readonly unreadable: readonly FileError[];
  /** Files of directories that are no documents of this program, by their root elements. */
  readonly others: number;
}

/** A root element that does not come in so many bytes has the whole file read. */
const HEAD = 64 * 1024;

/**
 * Reads the documents of files and directories. One that cannot be read does not keep the others from being checked.
 *
 * @throws UsageError as `xmlFiles`
 */
export async function readDocuments(
  io: Io,
  names: readonly string[],
  options: ScanOptions,
): Promise<Documents> {
  const { files, unreadable } = await xmlFiles(io, names, options);
  const failures = [...unreadable];
  const sources: SourceText[] = [];
  const reader = new Reader(io);
  let others = 0;
  for (const { file, isNamed } of files) {
    try {
      if (isNamed || !isOtherDocument(await reader.head(file, HEAD)))
        sources.push(await reader.read(file));
      else others += 1;
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      failures.push(error);
    }
  }
  return { sources, unreadable: failures, others };
}

/** A finding of a file that could not be read. */
export function unreadableReport({ file, message }: FileError): DocumentReport {
  return { file, issues: [{ code: 'file-unreadable', message, severity: 'error' }] };
}
