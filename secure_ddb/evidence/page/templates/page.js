"use strict";
// Filters rows that are already in the page. What a row is of stands in data attributes; see numbers.py.
(() => {
  const form = document.getElementById("filters");
  const shown = document.getElementById("shown");
  const rules = JSON.parse(document.getElementById("rules-data").textContent);
  const names = ["status", "severity", "pack", "catalogue", "place", "text"];
  const words = (text) => (text ? text.split(" ") : []);

  const items = [...document.querySelectorAll("[data-rules]")].map((element) => ({
    element,
    kind: element.closest("[data-kind]").dataset.kind,
    statuses: words(element.dataset.status ?? element.className),
    rules: words(element.dataset.rules).map((number) => rules[number]),
    places: words(element.closest("[data-places]").dataset.places),
    catalogue: element.dataset.catalogue,
  }));
  const groups = [...document.querySelectorAll("[data-group]")].reverse();
  const sections = document.querySelectorAll("[data-kind]");
  const kinds = [...new Set(items.map((item) => item.kind))];

  // A row belongs to a heading, such as its resource or rule, which can be searched for too.
  const text = (item) => {
    if (item.text === undefined) {
      const group = item.element.parentElement.closest("tbody[data-group]");
      const heading = group?.querySelector("th[scope=rowgroup]")?.textContent ?? "";
      item.text = `${heading} ${item.element.textContent}`.toLowerCase();
    }
    return item.text;
  };

  const number = (name) => form.elements[name].selectedOptions[0]?.dataset.number;

  const matcher = () => {
    const wanted = Object.fromEntries(names.map((name) => [name, form.elements[name].value]));
    const catalogue = number("catalogue");
    const place = number("place");
    const searched = words(wanted.text.trim().toLowerCase().replace(/\s+/g, " "));
    return (item) => {
      if (wanted.status && !item.statuses.includes(wanted.status)) return false;
      if (place && !item.places.includes(place)) return false;
      if (catalogue && item.catalogue !== undefined && item.catalogue !== catalogue) return false;
      const ofRule = (rule) =>
        (!wanted.pack || rule.pack === wanted.pack) &&
        (!wanted.severity || rule.severity === wanted.severity) &&
        (!catalogue || item.catalogue !== undefined || rule.catalogues.includes(Number(catalogue)));
      const anyRule = wanted.pack || wanted.severity || (catalogue && item.catalogue === undefined);
      if (anyRule && !item.rules.some(ofRule)) return false;
      return searched.every((word) => text(item).includes(word));
    };
  };

  const isActive = () => names.some((name) => form.elements[name].value);

  // Few results are shown at once; of many only the stacks, to be opened one by one.
  const open = () => {
    const left = items.filter((item) => item.kind === "results" && !item.element.hidden);
    if (!isActive() || left.length > 200) return;
    for (const item of left) item.element.closest("details").open = true;
  };

  const filter = () => {
    const matches = matcher();
    const counts = Object.fromEntries(kinds.map((kind) => [kind, { shown: 0, all: 0 }]));
    for (const item of items) {
      item.element.hidden = !matches(item);
      counts[item.kind].all += 1;
      counts[item.kind].shown += item.element.hidden ? 0 : 1;
    }
    for (const group of groups) group.hidden = !group.querySelector("[data-rules]:not([hidden])");
    for (const section of sections) {
      const { shown, all } = counts[section.dataset.kind] ?? { all: 0 };
      section.classList.toggle("empty", all > 0 && shown === 0);
      section.querySelector(".nothing").hidden = !section.classList.contains("empty");
    }
    open();
    const said = kinds.map((kind) => `${counts[kind].shown} of ${counts[kind].all} ${kind}`);
    shown.textContent = `Shown: ${said.join(", ")}`;
  };

  const write = () => {
    const chosen = names.filter((name) => form.elements[name].value).map((name) => [name, form.elements[name].value]);
    const hash = new URLSearchParams(chosen).toString();
    history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
  };

  // A hash is either a filter or a place in the page.
  const read = () => {
    const hash = location.hash.slice(1);
    if (hash.includes("=")) {
      const chosen = new URLSearchParams(hash);
      for (const name of names) form.elements[name].value = chosen.get(name) ?? "";
      for (const select of form.querySelectorAll("select")) if (select.selectedIndex < 0) select.value = "";
      filter();
      return;
    }
    const target = hash && document.getElementById(decodeURIComponent(hash));
    if (!target) return;
    if (target.closest("[hidden]")) {
      form.reset();
      return;
    }
    for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    target.scrollIntoView();
  };

  let waiting;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      filter();
      write();
    }, 120);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  // The fields are empty only after the event.
  form.addEventListener("reset", () => setTimeout(() => {
    filter();
    if (location.hash.includes("=")) write();
    else read();
  }));
  window.addEventListener("hashchange", read);

  const long = document.getElementById("print-long");
  long.addEventListener("change", () => document.documentElement.classList.toggle("print-long", long.checked));

  let closed = [];
  window.addEventListener("beforeprint", () => {
    const shut = document.querySelectorAll("details:not([open])");
    closed = [...shut].filter((details) => long.checked || details.matches(".table, .further"));
    for (const details of closed) details.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const details of closed) details.open = false;
  });

  form.hidden = false;
  filter();
  read();
})();
