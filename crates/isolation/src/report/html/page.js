"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const plain = (element) => element.textContent.trim();

  // Lists that can be filtered by what is typed.
  for (const input of document.querySelectorAll("input[data-list]")) {
    const list = byId(input.dataset.list);
    const entries = [...list.querySelectorAll("tbody tr, details.finding")].map((entry) => [entry, entry.textContent.toLowerCase()]);
    const form = input.form;
    const show = () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const [entry, text] of entries) {
        entry.hidden = !words.every((word) => text.includes(word));
        shown += entry.hidden ? 0 : 1;
      }
      form.querySelector("output").value = `${shown} of ${entries.length} shown`;
    };
    input.addEventListener("input", show);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.hidden = false;
    show();
  }

  // The answer for a pair, from the list of stacks and the findings; the same that the matrix says.
  const lookup = byId("lookup");
  const classes = new Map();
  for (const row of document.querySelectorAll("table.stacks tbody tr")) {
    const owner = plain(row.cells[1]);
    if ("tenant" in row.dataset) classes.set(owner, [...(classes.get(owner) || []), plain(row.cells[2])].sort());
  }
  const group = (tenant) => classes.get(tenant).join(" ");
  const findings = [...document.querySelectorAll("details.finding[data-about]")].map((finding) => ({
    id: finding.id, about: finding.dataset.about, from: finding.dataset.from, to: finding.dataset.to,
  }));
  const tenants = (finding) => classes.has(finding.from) && classes.has(finding.to);
  const isWay = (from, to) => (finding) => finding.about === "way" && finding.from === from && finding.to === to;
  const leavesOpen = (from, to) => (finding) => ({
    way: () => tenants(finding) && group(finding.from) === group(from) && group(finding.to) === group(to),
    both: () => [finding.from, finding.to].includes(from) && [finding.from, finding.to].includes(to),
    tenant: () => finding.from === from || finding.from === to,
    everyone: () => true,
  })[finding.about]();
  const answer = () => {
    const [from, to] = [byId("lookup-from"), byId("lookup-to")].map((input) => input.value.trim());
    const output = byId("lookup-answer");
    output.className = "";
    const say = (kind, text, why = []) => {
      output.className = kind;
      output.replaceChildren(text, ...why.slice(0, 5).flatMap((finding) => {
        const link = document.createElement("a");
        link.href = `#${finding.id}`;
        link.textContent = finding.id.replace("-", " ");
        return [" ", link];
      }));
    };
    const unknown = [from, to].find((tenant) => tenant !== "" && !classes.has(tenant));
    if (unknown !== undefined) return say("", `There is no tenant ${unknown}.`);
    if (from === "" || to === "") return say("", "");
    if (from === to) return say("", "Choose two tenants.");
    const ways = findings.filter(isWay(from, to));
    const open = findings.filter(leavesOpen(from, to));
    if (ways.length > 0) return say("bad", `✗ ${from} can reach ${to}:`, ways);
    if (open.length > 0) return say("open", `? Not proved that ${from} cannot reach ${to}:`, open);
    return say("good", `✓ ${from} cannot reach ${to}; argued for class ${group(from)} to class ${group(to)}.`);
  };
  byId("tenant-names").replaceChildren(...[...classes.keys()].map((tenant) => new Option(tenant)));
  lookup.addEventListener("input", answer);
  lookup.addEventListener("submit", (event) => event.preventDefault());
  lookup.hidden = classes.size < 2;

  // A link to something folded unfolds it; so does printing, for all.
  const unfold = () => {
    const target = location.hash && byId(location.hash.slice(1));
    for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    if (target) target.scrollIntoView();
  };
  addEventListener("hashchange", unfold);
  unfold();
  const folded = () => [...document.querySelectorAll("details:not([open])")];
  let before = [];
  addEventListener("beforeprint", () => { before = folded(); for (const one of before) one.open = true; });
  addEventListener("afterprint", () => { for (const one of before) one.open = false; });
})();
