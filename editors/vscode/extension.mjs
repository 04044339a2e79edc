import { commands, window, workspace } from 'vscode';
import { LanguageClient } from 'vscode-languageclient/node';

/** The language server of this window; undefined before it is started. */
let client;

/** VS Code calls it when the first XML document is opened. */
export async function activate({ subscriptions }) {
  subscriptions.push(
    workspace.onDidChangeConfiguration(async (change) => {
      if (change.affectsConfiguration('virt-nodedev')) await restart();
    }),
  );
  await restart();
}

export function deactivate() {
  return client?.stop();
}

/** Starts the server that the settings name, in place of the one that runs. */
async function restart() {
  await client?.stop();
  const settings = workspace.getConfiguration('virt-nodedev');
  const connection = settings.get('connection');
  // No shell: the settings are a program and an argument, whatever is in them.
  const server = {
    command: settings.get('command'),
    args: ['lsp', ...(connection === '' ? [] : ['-c', connection])],
  };
  const started = new LanguageClient('virt-nodedev', 'virt-nodedev', server, {
    documentSelector: [{ language: 'xml' }],
  });
  client = started;
  try {
    await started.start();
  } catch (error) {
    const answer = await window.showErrorMessage(
      `virt-nodedev lsp does not start: ${error instanceof Error ? error.message : String(error)}`,
      'Settings',
    );
    if (answer !== undefined) {
      await commands.executeCommand('workbench.action.openSettings', 'virt-nodedev');
    }
  }
}
