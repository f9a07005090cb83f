// Small behaviour on top of htmx and Tabler: keyboard, drawer, charts. No strings live here.
(() => {
  "use strict";
  const typing = (target) => target.closest("textarea, select, [contenteditable], input:not([type=radio]):not([type=checkbox])");
  let before = "";

  const press = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const key = event.key;
    const jump = { t: "[data-key-go='t']", c: "[data-key-go='c']" };
    if (before === "g" && jump[key]) document.querySelector(jump[key])?.click();
    else if (key === "/") { document.getElementById("search")?.focus(); event.preventDefault(); }
    else if (key === "n") { [...document.querySelectorAll("[data-key='n']")].at(-1)?.click(); }
    else if (key === "m") { document.querySelector("[data-key='m']")?.focus(); }
    else if (key === "j" || key === "k") step(key === "j" ? 1 : -1);
    else if (key === "x") event.target.closest("tr")?.querySelector("input[name=row]")?.click();
    else if (key === "[" || key === "]") document.querySelector(`[data-key='${key}']`)?.click();
    before = key;
  };

  const step = (by) => {
    const rows = [...document.querySelectorAll("[data-row]")];
    const at = rows.indexOf(document.activeElement);
    rows[Math.min(Math.max(at + by, 0), rows.length - 1)]?.focus();
  };

  const draw = async (root) => {
    const places = root.querySelectorAll?.("[data-chart]") ?? [];
    if (!places.length || !window.echarts) return;
    await document.fonts.ready;
    for (const place of places) {
      const chart = window.echarts.getInstanceByDom(place) ?? window.echarts.init(place, null, { renderer: "svg" });
      const option = JSON.parse(place.dataset.chart);
      option.textStyle = { fontFamily: getComputedStyle(document.body).fontFamily };
      chart.setOption(option);
      new ResizeObserver(() => chart.resize()).observe(place);
    }
  };

  const drawer = (event) => {
    if (event.detail.target?.id !== "drawer-body" || !window.tabler) return;
    const panel = document.getElementById("drawer");
    const shown = window.tabler.Offcanvas.getOrCreateInstance(panel);
    if (event.detail.xhr.status === 204) { shown.hide(); return; }
    const write = () => (panel.querySelector("[autofocus]") ?? panel.querySelector("textarea, input"))?.focus();
    if (panel.classList.contains("show")) write();
    else panel.addEventListener("shown.bs.offcanvas", write, { once: true });
    shown.show();
  };

  const moreFields = (event) => {
    const button = event.target.closest("[data-reveal]");
    if (!button) return;
    const next = document.querySelector(`${button.dataset.reveal}[hidden]`);
    if (next) { next.hidden = false; next.querySelector("input")?.focus(); }
  };

  const tick = (event) => {
    const form = event.target.closest?.("form.list-acts");
    if (!form) return;
    const rows = [...form.querySelectorAll("input[name=row]")];
    const all = form.querySelector("[data-tick-all]");
    if (event.target === all) rows.forEach((row) => { row.checked = all.checked; });
    const ticked = rows.filter((row) => row.checked).length;
    all.checked = ticked === rows.length;
    all.indeterminate = ticked > 0 && ticked < rows.length;
    form.querySelector("[data-ticked]").textContent = ticked ? `(${ticked})` : "";
    rows.forEach((row) => row.closest("tr").classList.toggle("ticked-row", row.checked));
  };

  const lists = (root) => root.querySelectorAll?.("[data-tick-all]").forEach((box) => { box.hidden = false; });

  const menus = (event) => document.querySelectorAll("details.menu[open]").forEach((menu) => {
    if (event.type === "keydown" ? event.key === "Escape" : !menu.contains(event.target)) {
      if (event.type === "keydown" && menu.contains(document.activeElement)) menu.querySelector("summary").focus();
      menu.open = false;
    }
  });

  const listed = (event) => {
    if (event.detail.target?.id !== "list") return;
    const list = document.getElementById("list");
    lists(document);
    if (event.detail.requestConfig?.elt?.closest?.(".pages")) list.querySelector(".table-responsive")?.focus();
  };

  document.addEventListener("keydown", press);
  document.addEventListener("keydown", menus);
  document.addEventListener("click", menus);
  document.addEventListener("change", tick);
  document.addEventListener("htmx:afterSettle", listed);
  document.addEventListener("click", moreFields);
  document.addEventListener("htmx:afterSettle", (event) => draw(event.detail.elt.parentElement ?? event.detail.elt));
  document.addEventListener("htmx:afterSwap", drawer);
  document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.xhr?.status === 204) drawer(event); });
  const begin = () => { draw(document); lists(document); };
  document.addEventListener("DOMContentLoaded", begin);
  if (document.readyState !== "loading") begin();
})();
