// For `node --import`: this process's clocks, and no others, jump by hours every second, forwards and backwards.
let offset = 0;
setInterval(() => {
  offset = Math.round((Math.random() - 0.5) * 36_000_000);
}, 1000).unref();

const now = Date.now.bind(Date);
const monotonic = performance.now.bind(performance);
Date.now = () => now() + offset;
performance.now = () => monotonic() + offset;
