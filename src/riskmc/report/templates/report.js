"use strict";
(function () {
  function sorter(table) {
    var body = table.tBodies[0];
    var original = Array.from(body.rows);
    Array.from(table.tHead.rows[0].cells).forEach(function (head, column) {
      var button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.textContent = "";
      head.appendChild(button);
      button.addEventListener("click", function () {
        var next = { none: "ascending", ascending: "descending", descending: "none" };
        var order = next[head.getAttribute("aria-sort") || "none"];
        Array.from(table.tHead.rows[0].cells).forEach(function (other) { other.removeAttribute("aria-sort"); });
        if (order !== "none") { head.setAttribute("aria-sort", order); }
        var rows = original.slice();
        if (order !== "none") {
          var sign = order === "ascending" ? 1 : -1;
          rows.sort(function (a, b) { return compare(a.cells[column], b.cells[column], sign); });
        }
        rows.forEach(function (row) { body.appendChild(row); });
      });
    });
  }
  function compare(a, b, sign) {
    var x = a.hasAttribute("data-value"), y = b.hasAttribute("data-value");
    if (x && y) { return sign * (Number(a.dataset.value) - Number(b.dataset.value)); }
    if (x !== y) { return x ? -1 : 1; }
    return sign * a.textContent.localeCompare(b.textContent, "en-GB", { numeric: true });
  }
  document.querySelectorAll("table.sortable").forEach(sorter);

  function reachable() {
    document.querySelectorAll(".scroll").forEach(function (region) {
      if (region.scrollWidth > region.clientWidth) { region.tabIndex = 0; } else { region.removeAttribute("tabindex"); }
    });
  }
  reachable();
  window.addEventListener("resize", reachable);
  document.addEventListener("toggle", reachable, true);

  var opened = [];
  window.addEventListener("beforeprint", function () {
    opened = Array.from(document.querySelectorAll("details:not([open])"));
    opened.forEach(function (details) { details.open = true; });
  });
  window.addEventListener("afterprint", function () {
    opened.forEach(function (details) { details.open = false; });
  });
})();
