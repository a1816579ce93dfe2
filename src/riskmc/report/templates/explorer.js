(function () {
  var form = document.getElementById("explorer-form");
  if (!form) { return; }
  var data = JSON.parse(document.getElementById("explorer-data").textContent);
  var body = document.getElementById("explorer-body");
  var year = document.getElementById("explorer-year");
  var regime = document.getElementById("explorer-regime");
  var amount = document.getElementById("explorer-amount");
  var slider = document.getElementById("explorer-slider");
  var answer = document.getElementById("explorer-answer");
  var picture = document.getElementById("explorer-picture");
  var others = document.getElementById("explorer-others");
  var unpacked = {};

  function curve(regimeId) {
    var key = [body.value, year.value, regimeId].join("|");
    if (!unpacked[key]) {
      var packed = data.curves[key], step = packed[2], sum = 0, values = [];
      for (var i = 3; i < packed.length; i += 1) { sum += packed[i]; values.push(sum * step); }
      unpacked[key] = { draws: packed[0], nothing: packed[1], values: values };
    }
    return unpacked[key];
  }
  function chance(c, x) {
    var happened = c.draws - c.nothing, n = c.values.length;
    if (!n || x < 0) { return n ? 1 : 0; }
    var low = 0, high = n;
    while (low < high) { var middle = (low + high) >> 1; if (c.values[middle] <= x) { low = middle + 1; } else { high = middle; } }
    if (low === 0) { return happened / c.draws; }
    if (low === n) { return 0; }
    var rank = function (i) { return n === 1 ? 0 : Math.round(i * (happened - 1) / (n - 1)); };
    var below = c.values[low - 1], above = c.values[low];
    var gone = rank(low - 1) + 1, next = rank(low);
    if (next > gone && above > below) { gone += (next - gone) * (x - below) / (above - below); }
    return (happened - gone) / c.draws;
  }
  function money(x) {
    if (x >= 1000) { return "£" + (x / 1000).toLocaleString("en-GB", { maximumSignificantDigits: 4 }) + "bn"; }
    return "£" + x.toLocaleString("en-GB", { maximumSignificantDigits: 4 }) + "m";
  }
  function counts(p, draws) {
    if (p <= 0) { return ["none of the " + draws.toLocaleString("en-GB"), "all of them"]; }
    if (p >= 1) { return ["every one of the " + draws.toLocaleString("en-GB"), "none"]; }
    if (p < 0.005) { return ["fewer than 1 of 100", "more than 99"]; }
    if (p > 0.995) { return ["more than 99 of 100", "fewer than 1"]; }
    var count = Math.round(p * 100);
    return [count + " of 100", String(100 - count)];
  }
  function error(p, draws) {
    var z = 1.96, n = draws, half = 100 * z * Math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n);
    return half < 0.95 ? "less than ±1" : "±" + Math.ceil(half - 0.05);
  }
  function when() {
    if (year.value === "horizon") { return "over all years together"; }
    return year.value === "peak" ? "in the year with the largest" : "in " + year.value;
  }
  function largest() {
    var most = 0;
    Array.from(regime.options).forEach(function (option) {
      var values = curve(option.value).values;
      if (values.length) { most = Math.max(most, values[values.length - 1]); }
    });
    if (!most) { return 1; }
    var size = Math.pow(10, Math.floor(Math.log10(most)));
    return [1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10].map(function (m) { return m * size; }).find(function (m) { return m >= most; });
  }
  function draw(x, top) {
    var width = Math.max(300, picture.clientWidth - 16), names = Array.from(regime.options), left = 44, right = 12, up = 12, down = 42 + 22 * names.length;
    var height = 226 + down;
    var place = function (v) { return left + (width - left - right) * v / top; };
    var level = function (p) { return up + (height - up - down) * (1 - p); };
    var dashes = ["", "9 4", "2 3", "10 3 2 3"], inks = ["#12436D", "#B5440C", "#801650", "#0B6B63"];
    var parts = [];
    [0, 0.25, 0.5, 0.75, 1].forEach(function (p) {
      parts.push('<path d="M' + left + " " + level(p) + "H" + (width - right) + '" stroke="#DDE1E3"/>');
      parts.push('<text x="' + (left - 6) + '" y="' + (level(p) + 5) + '" text-anchor="end">' + 100 * p + "</text>");
    });
    [0, 0.5, 1].forEach(function (share, i) {
      parts.push('<text x="' + place(share * top) + '" y="' + (height - down + 20) + '" text-anchor="' + ["start", "middle", "end"][i] + '">' + money(share * top) + "</text>");
    });
    names.forEach(function (option, i) {
      var c = curve(option.value), points = [], row = height - down + 44 + 22 * i;
      parts.push('<path d="M' + left + " " + (row - 5) + 'h36" stroke="' + inks[i % 4] + '" stroke-dasharray="' + dashes[i % 4] + '" stroke-width="' + (option.selected ? 4 : 2) + '"/>');
      parts.push('<text x="' + (left + 44) + '" y="' + row + '">' + escaped(option.text) + "</text>");
      for (var s = 0; s <= 200; s += 1) { points.push(place(top * s / 200).toFixed(1) + " " + level(chance(c, top * s / 200)).toFixed(1)); }
      parts.push('<path fill="none" d="M' + points.join("L") + '" stroke="' + inks[i % 4] + '" stroke-dasharray="' + dashes[i % 4] + '" stroke-width="' + (option.selected ? 4 : 1.5) + '"/>');
    });
    var p = chance(curve(regime.value), x), at = place(Math.min(x, top));
    parts.push('<path d="M' + at + " " + level(0) + "V" + level(p) + "H" + left + '" fill="none" stroke="#0B0C0C" stroke-dasharray="3 3"/>');
    parts.push('<circle cx="' + at + '" cy="' + level(p) + '" r="6" fill="#0B0C0C"/>');
    picture.innerHTML = '<svg viewBox="0 0 ' + width + " " + height + '" aria-hidden="true" font-family="Arial, sans-serif" font-size="15" fill="#0B0C0C">' + parts.join("") + "</svg>";
  }
  function escaped(text) {
    return text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
  }
  function sentence(option, x) {
    var c = curve(option.value), p = chance(c, x), said = counts(p, c.draws);
    var who = body.options[body.selectedIndex].text;
    var tail = p > 0 && p < 1 ? " (simulation error " + error(p, c.draws) + ")" : "";
    return who + ", under " + option.text + ": " + said[0] + " simulated futures show a " + data.measure + " of more than " + money(x) + " " + when() + "; " + said[1] + " do not" + tail + ".";
  }
  function show() {
    var x = Math.max(0, Number(amount.value) || 0), top = largest();
    slider.value = String(Math.round(1000 * Math.min(1, x / top)));
    slider.setAttribute("aria-valuetext", money(x));
    answer.firstElementChild.textContent = sentence(regime.options[regime.selectedIndex], x);
    others.textContent = "";
    Array.from(regime.options).forEach(function (option) {
      if (option.selected) { return; }
      var item = document.createElement("li");
      item.textContent = sentence(option, x);
      others.appendChild(item);
    });
    draw(x, top);
  }
  [body, year, regime].forEach(function (input) { input.addEventListener("change", show); });
  amount.addEventListener("input", show);
  slider.addEventListener("input", function () {
    amount.value = String(Number((largest() * Number(slider.value) / 1000).toPrecision(3)));
    show();
  });
  window.addEventListener("resize", show);
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  [form, answer, picture, others].forEach(function (element) { element.hidden = false; });
  amount.value = String(Number((largest() / 10).toPrecision(1)));
  show();
})();
