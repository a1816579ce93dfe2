(function () {
  "use strict";
  var data = JSON.parse(document.getElementById("x-data").textContent);
  var by = function (id) { return document.getElementById(id); };
  var body = by("x-body"), measure = by("x-measure"), year = by("x-year"), at = by("x-at");
  function money(v) {
    var s = Math.abs(v), t;
    if (s < 0.005) return "nil";
    if (s >= 950) t = "£" + (s / 1000).toFixed(1) + "bn";
    else if (s >= 100) t = "£" + Math.round(s / 10) * 10 + "m";
    else if (s >= 10) t = "£" + Math.round(s) + "m";
    else t = "£" + s.toPrecision(2).replace(/\.0$/, "") + "m";
    return (v < 0 ? "−" : "") + t;
  }
  function knots(rule) {
    var c = data.curves[[measure.value, body.value, year.value, rule].join("|")];
    return c && c.map(function (x) { return x * data.step; });
  }
  function above(c, x) {
    var q = data.shares, n = c.length;
    if (x < c[0]) return 1;
    for (var i = n - 1; i > 0; i--) {
      if (x >= c[i]) return 1 - q[i];
      if (x >= c[i - 1]) return 1 - (q[i - 1] + (q[i] - q[i - 1]) * (c[i] > c[i - 1] ? (x - c[i - 1]) / (c[i] - c[i - 1]) : 1));
    }
    return 0;
  }
  function hundred(p) {
    if (p <= 0) return "fewer than 1";
    if (p >= 1) return "all";
    if (p < 0.005) return "fewer than 1";
    if (p >= 0.995) return "more than 99";
    return String(Math.round(100 * p));
  }
  function show() {
    var rules = [].slice.call(document.querySelectorAll(".x-rule")), low = 0, high = 1e-9, curves = {};
    rules.forEach(function (r) {
      var c = knots(r.value);
      if (!c) return;
      curves[r.value] = c;
      low = Math.min(low, c[1]); high = Math.max(high, c[c.length - 2]);
    });
    var x = low + (high - low) * at.value / 100, out = by("x-out");
    var word = measure.value === "reserves" ? "below " : "above ";
    by("x-said").textContent = word + money(x);
    out.textContent = "";
    rules.forEach(function (r) {
      var c = curves[r.value];
      if (!r.checked || !c) return;
      var p = above(c, x);
      if (word === "below ") p = 1 - p;
      var name = r.parentNode.textContent.trim(), line = document.createElement("p"), b = document.createElement("b");
      b.textContent = name + ": ";
      line.appendChild(b);
      var h = hundred(p), rest = p > 0.005 && p < 0.995 ? "; in " + (100 - Math.round(100 * p)) + " it is not" : "";
      var span = Math.floor(c.length / 2);
      line.appendChild(document.createTextNode((h === "all" ? "in all futures" : "in " + h + " of 100 futures") + rest + ". Middle " + money(c[span]) + " (80 of 100: " + money(c[data.tenth]) + " to " + money(c[c.length - 1 - data.tenth]) + ")."));
      var bar = document.createElement("div"), fill = document.createElement("span");
      bar.className = "big"; fill.style.width = 100 * p + "%"; fill.style.background = "var(--m" + r.dataset.look + ")";
      bar.appendChild(fill); out.appendChild(line); out.appendChild(bar);
    });
  }
  [body, measure, year].forEach(function (e) { e.addEventListener("change", show); });
  at.addEventListener("input", show);
  [].forEach.call(document.querySelectorAll(".x-rule"), function (e) { e.addEventListener("change", show); });
  show();
})();
