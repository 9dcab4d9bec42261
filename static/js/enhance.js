/* enhance(selector, fn): run fn once on each matching element, now and after every htmx swap. */
const waiting = [];

export function enhance(selector, fn) {
  const seen = new WeakSet();
  const run = () => {
    for (const element of document.querySelectorAll(selector)) {
      if (seen.has(element)) continue;
      seen.add(element);
      fn(element);
    }
  };
  waiting.push(run);
  run();
}

const runAll = () => waiting.forEach((run) => run());
document.addEventListener("htmx:after:swap", runAll);
document.addEventListener("htmx:after:settle", runAll);

/* fill("还差 {n} 分", {n: 3}): the sentences come from data-text-* attributes, so that they are translated. */
export function fill(text, values) {
  return (text || "").replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
}
