/** STRIDE=1 by hand: every call, each errno, every kill. It takes hours. */
export const STRIDE = Number(process.env['STRIDE'] ?? 0);

/** Which calls are struck, and with which errno. */
export const SEED = Number(process.env['SEED'] ?? 1 + Math.floor(Math.random() * 1_000_000));

export const tell = (line: string): unknown => process.stdout.write(`${line}\n`);
