"use strict";
(() => {
  const data = JSON.parse(document.getElementById("whatif-data").textContent);
  const { axes, points, order, numbers } = data;
  const inputs = axes.map((_, n) => document.getElementById(`whatif-${n}`));
  const chosen = document.getElementById("whatif-measure");
  const [head, body] = ["thead", "tbody"].map(
    (part) => document.querySelector(`#whatif-table ${part}`));
  const lead = document.getElementById("whatif-lead");

  // Numbers as the report writes them: about three digits that count, cents of money.
  const plain = ["share", "number", "ratio", "count", "points"];
  const decimals = (unit, size) => {
    const money = !plain.includes(unit);
    if (unit === "count") return 0;
    if (size === 0) return money ? 2 : 1;
    const wanted = 2 - Math.floor(Math.log10(size));
    if (money) return size >= 10000 ? 0 : size >= 0.1 ? 2 : Math.min(wanted, 5);
    return Math.min(Math.max(unit === "share" || unit === "points" ? 1 : 0, wanted), 5);
  };
  const written = (unit, value, { sign = false, near = 0 } = {}) => {
    if (value === null || value === undefined) return numbers.none;
    const kind = sign && unit === "share" ? "points" : unit;
    const scale = kind === "share" || kind === "points" ? 100 : 1;
    const digits = decimals(kind, scale * Math.max(Math.abs(value), near));
    const size = (Math.abs(value) * scale).toFixed(digits);
    const [whole, part] = size.split(".");
    const grouped = whole.replace(/\B(?=(\d{3})+$)/g, () => numbers.group);
    const number = part ? grouped + numbers.point + part : grouped;
    const around = numbers[kind] ?? (plain.includes(kind) ? "#" : numbers.currency);
    const text = around.replace("#", () => number);
    if (Number(size) === 0) return text;
    return (value < 0 ? numbers.minus : sign ? "+" : "") + text;
  };

  // Where the sliders are: at the number, or at its logarithm.
  const real = (n, x) => (axes[n].log ? 10 ** x : x);
  const placed = (n, number) => (axes[n].log ? Math.log10(number) : number);
  const where = () => inputs.map((input) => Number(input.value));
  const span = axes.map(({ at }) => at[at.length - 1] - at[0]);
  const same = (n, a, b) => Math.abs(a - b) <= 1e-9 * Math.abs(span[n]);
  const computed = (place) => points.findIndex((p) => p.every((x, n) => same(n, x, place[n])));
  const near = (n, x) => { // the value that a hand or an arrow key all but hits
    if (!axes[n].between) return x;
    const { at } = axes[n];
    let there = x;
    if (axes[n].whole) { // ends are whole numbers, so this stays between them
      there = placed(n, Math.round(real(n, x)));
    } else if (!data.grid) return x;
    const hit = at.find((level) => Math.abs(level - there) <= (axes[n].whole ? 1e-9 : 0.005) * span[n]);
    return hit === undefined ? there : hit;
  };

  // What is there: see omnilab.experiment.sweep.between.
  const inGrid = (values, place) => {
    let table = order.map((point) => values[point]);
    axes.forEach(({ at, between }, n) => {
      const size = table.length / at.length;
      let i = 0;
      while (i < at.length - 2 && place[n] >= at[i + 1]) i += 1;
      if (!between) i = place[n];
      const part = between ? (place[n] - at[i]) / (at[i + 1] - at[i]) : 0;
      table = Array.from({ length: size }, (_, k) => part === 0 ? table[i * size + k]
        : (1 - part) * table[i * size + k] + part * table[(i + 1) * size + k]);
    });
    return table[0];
  };
  const unit = (place) => place.map((x, n) => (x - axes[n].at[0]) / span[n]);
  const units = points.map(unit);
  const amid = ({ weights }, place) => {
    const u = unit(place);
    let sum = weights[points.length];
    units.forEach((p, i) => { sum -= weights[i] * Math.hypot(...p.map((x, n) => x - u[n])); });
    u.forEach((x, n) => { sum += weights[points.length + 1 + n] * x; });
    return sum;
  };
  const at = (column, place, point) => {
    if (point >= 0) {
      return { value: column.at[point], low: column.low[point], high: column.high[point] };
    }
    const value = data.grid ? inGrid(column.at, place) : amid(column, place);
    return { value, off: column.off };
  };

  const element = (name, text, more = {}) => {
    const made = Object.assign(document.createElement(name), more);
    made.textContent = text;
    return made;
  };
  const doubt = (what, found, sign) => {
    const write = (value, size) => written(what, value, { sign, near: size });
    if (found.off !== undefined) {
      const size = Math.abs(found.value); // as finely as the value beside it
      return found.off === null ? numbers.none
        : `± ${written(what, found.off, { sign, near: size }).replace("+", "")}`;
    }
    if (found.low === null || found.high === null) return numbers.none;
    const size = Math.max(Math.abs(found.value), (found.high - found.low) / 2);
    return `${write(found.low, size)} to ${write(found.high, size)}`;
  };

  const show = () => {
    const place = where();
    const point = computed(place);
    const measure = data.measures.find(({ name }) => name === chosen.value);
    axes.forEach((axis, n) => {
      const output = inputs[n].parentElement.querySelector("output");
      if (!output) return;
      const level = axis.at.findIndex((x) => same(n, x, place[n]));
      const number = Number((real(n, place[n]) * axis.factor).toPrecision(4));
      output.textContent = level >= 0 ? axis.texts[level] : `${number}${axis.suffix}`;
      inputs[n].setAttribute("aria-valuetext", output.textContent);
    });
    const how = point >= 0 ? "95% interval" : "usual error between points";
    const heads = ["", measure.title, how];
    if (data.reference) heads.push(`less ${data.reference}`, how);
    head.replaceChildren(document.createElement("tr"));
    head.firstChild.append(...heads.map((text) => (
      text ? element("th", text, { scope: "col" }) : document.createElement("td"))));
    const rows = data.strategies.map(({ name, colour }) => {
      const of = measure.strategies[name];
      const row = document.createElement("tr");
      const first = element("th", "", { scope: "row" });
      const mark = document.createElement("i");
      mark.style.background = colour;
      first.append(mark, name);
      row.append(first);
      for (const [column, sign] of [[of?.value, false], [of?.less, true]]) {
        if (sign && !data.reference) continue;
        const found = column ? at(column, place, point) : null;
        row.append(
          element("td", found ? written(measure.unit, found.value, { sign }) : numbers.none),
          element("td", found ? doubt(measure.unit, found, sign) : numbers.none));
      }
      return { row, name, value: of ? at(of.value, place, point) : null };
    });
    body.replaceChildren(...rows.map(({ row }) => row));
    const kind = point >= 0 ? "Computed." : "Between computed points: interpolated.";
    const there = rows.filter(({ value }) => value);
    const turn = measure.better === "lower" ? 1 : -1;
    there.sort((a, b) => turn * (a.value.value - b.value.value));
    const [best, second] = there;
    let said = "";
    if (second) {
      const ahead = Math.abs(best.value.value - second.value.value);
      said = ` ${best.name} has the best value, before ${second.name} by `
        + `${written(measure.unit, ahead, { sign: true }).replace("+", "")}`;
      const off = Math.max(best.value.off ?? 0, second.value.off ?? 0);
      said += point < 0 && ahead < off ? ", less than the usual error." : ".";
    }
    lead.textContent = kind + said;
  };

  // The address holds the setting, so that it can be sent.
  const shown = (n) => (axes[n].log ? String(Number(real(n, Number(inputs[n].value)).toPrecision(12)))
    : inputs[n].value);
  const keep = () => {
    const state = new URLSearchParams(axes.map(({ path, between, texts }, n) => (
      [path, between ? shown(n) : texts[Number(inputs[n].value)]])));
    state.set("measure", chosen.value);
    try {
      history.replaceState(null, "", `#whatif?${state}`);
    } catch { // some browsers keep a file's address as it is
      location.replace(`#whatif?${state}`);
    }
  };
  const take = () => {
    const { hash } = location;
    if (!hash.startsWith("#whatif?")) return false;
    const state = new URLSearchParams(hash.slice(8));
    axes.forEach(({ path, between, texts }, n) => {
      const given = state.get(path);
      if (given === null) return;
      if (between && given !== "" && Number.isFinite(placed(n, Number(given)))) {
        inputs[n].value = String(near(n, placed(n, Number(given))));
      }
      if (!between && texts.includes(given)) inputs[n].value = String(texts.indexOf(given));
    });
    const wanted = state.get("measure");
    if (data.measures.some(({ name }) => name === wanted)) chosen.value = wanted;
    return true;
  };
  const go = (place) => {
    place.forEach((x, n) => { inputs[n].value = String(x); });
    show();
  };
  const nearest = (place) => {
    const u = unit(place);
    const far = units.map((p) => Math.hypot(...p.map((x, n) => x - u[n])));
    return points[far.indexOf(Math.min(...far))];
  };

  inputs.forEach((input, n) => input.addEventListener("input", () => {
    const x = near(n, Number(input.value));
    if (x !== Number(input.value)) input.value = String(x);
    show();
    keep();
  }));
  chosen.addEventListener("change", () => { show(); keep(); });
  document.getElementById("whatif-nearest").addEventListener("click", () => {
    go(nearest(where()));
    keep();
  });
  addEventListener("hashchange", () => { if (take()) show(); });

  go(nearest(axes.map(({ at, between }) => (between ? (at[0] + at[at.length - 1]) / 2 : at[0]))));
  if (take()) {
    show();
    document.getElementById("whatif").scrollIntoView();
  }
})();
