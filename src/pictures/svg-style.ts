/** The SVG picture's style sheet. Without `<` and `&`. */
export const SVG_STYLE = `
svg {
  --page: #f4f5f7; --card: #ffffff; --line: #d5d9e0; --text: #1b1f26; --soft: #545c69;
  --used: #1d5fd0; --free-line: #2f8558; --free: #d8f0e2; --taken: #7a818d;
  --mark-0: #a8470a; --mark-1: #6c3fc4; --mark-2: #087a7a; --mark-3: #b3245c; --mark-4: #7a6a00; --mark-5: #35528f;
}
@media (prefers-color-scheme: dark) {
  svg {
    --page: #14171c; --card: #1d2128; --line: #363c47; --text: #e6e9ee; --soft: #a4adbb;
    --used: #6ea5ff; --free-line: #4fb382; --free: #1e3a2c; --taken: #7f8896;
    --mark-0: #f0a060; --mark-1: #b79af5; --mark-2: #4cc4c4; --mark-3: #f28ab2; --mark-4: #d6c248; --mark-5: #8fb0ee;
  }
}
text { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: var(--text); white-space: pre; }
.title { font-size: 18px; font-weight: 700; }
.name { font-size: 14px; font-weight: 700; }
.strong { font-weight: 700; }
.soft { fill: var(--soft); }
.page { fill: var(--page); }
.frame { fill: var(--card); stroke: var(--line); }
.used { fill: var(--used); }
.free { fill: var(--free); stroke: var(--free-line); vector-effect: non-scaling-stroke; }
.taken { fill: var(--taken); }
.mark { fill: var(--line); }
.mark-0 { fill: var(--mark-0); }
.mark-1 { fill: var(--mark-1); }
.mark-2 { fill: var(--mark-2); }
.mark-3 { fill: var(--mark-3); }
.mark-4 { fill: var(--mark-4); }
.mark-5 { fill: var(--mark-5); }
`;
