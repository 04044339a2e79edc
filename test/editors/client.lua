-- Opens a document, and writes to OUT what the server says of it: findings, what is offered, the fixes; and the document after
-- the first fix.
local bin, out = vim.env.SERVER, vim.env.OUT
local answers = {}

local client = vim.lsp.start_client({
  name = 'virt-nodedev',
  cmd = { 'node', bin, 'lsp', '-c', 'test:///nvidia-a40' },
  root_dir = vim.fn.getcwd(),
})
vim.lsp.buf_attach_client(0, client)

local function found()
  return vim.diagnostic.get(0)
end
vim.wait(60000, function() return #found() > 0 end)
answers.findings = vim.tbl_map(function(one)
  return { code = one.user_data.lsp.code, line = one.lnum, column = one.col, severity = one.severity, source = one.source }
end, found())

local function ask(method, line, column, more)
  local params = vim.tbl_extend('error', {
    textDocument = vim.lsp.util.make_text_document_params(),
    position = { line = line, character = column },
  }, more or {})
  local replies = vim.lsp.buf_request_sync(0, method, params, 60000)
  return replies[client].result
end
local here = { line = 3, character = 5 }
local fixes = ask('textDocument/codeAction', 3, 5, {
  range = { start = here, ['end'] = here },
  context = { diagnostics = {} },
})
answers.fixes = vim.tbl_map(function(fix) return fix.title end, fixes)
vim.lsp.util.apply_workspace_edit(fixes[1].edit, 'utf-16')
answers.after = vim.api.nvim_buf_get_lines(0, 0, -1, false)
local first = answers.findings[1].code
vim.wait(60000, function()
  for _, one in ipairs(found()) do
    if one.user_data.lsp.code == first then return false end
  end
  return true
end)
answers.left = vim.tbl_map(function(one) return one.user_data.lsp.code end, found())

answers.offered = vim.tbl_map(
  function(item) return item.label end,
  vim.lsp.util.extract_completion_items(ask('textDocument/completion', 4, 23))
)

vim.fn.writefile({ vim.fn.json_encode(answers) }, out)
vim.cmd('qall!')
