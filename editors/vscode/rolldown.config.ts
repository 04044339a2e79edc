import { notices } from '../../rolldown.notices.ts';

/** The extension with the client's library, and the licences of what is in it. VS Code itself is there. */
export default {
  input: 'editors/vscode/extension.mjs',
  platform: 'node',
  external: ['vscode'],
  logLevel: 'warn',
  plugins: [notices('licenses.txt')],
  output: { file: 'editors/vscode/dist/extension.js', format: 'cjs', minify: true },
};
