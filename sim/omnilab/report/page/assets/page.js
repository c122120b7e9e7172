"use strict";
(() => {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const { figures, locale } = read("figures");

  // Words beside the pointer. Texts only, so that no name is taken for HTML.
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  tip.setAttribute("aria-hidden", "true");
  document.body.append(tip);
  const tooltip = (_handler, event, _item, value) => {
    tip.hidden = value === null || value === undefined || value === "";
    if (tip.hidden) return;
    tip.textContent = String(value);
    const { width, height } = tip.getBoundingClientRect();
    const x = Math.min(event.clientX + 14, innerWidth - width - 8);
    const y = event.clientY - height - 12;
    tip.style.transform = `translate(${Math.max(8, x)}px, ${y < 8 ? event.clientY + 18 : y}px)`;
  };

  const views = new Set();
  const options = {
    actions: false, logLevel: 1, renderer: "svg", tooltip,
    formatLocale: locale.number, timeFormatLocale: locale.time,
  };
  const draw = (place, spec) => {
    if (place.view) {
      views.delete(place.view);
      place.view.finalize();
    }
    place.drawn = vegaEmbed(place, spec, options).then((made) => {
      place.view = made.view;
      views.add(made.view);
      return made;
    });
  };

  // A figure that is not shown has no width: it is drawn when its panel is.
  const drawShown = (root) => {
    for (const place of root.querySelectorAll("[data-figure]")) {
      if (!place.drawn && place.clientWidth > 0) draw(place, figures[place.dataset.figure].spec);
    }
  };

  for (const box of document.querySelectorAll(".switch")) {
    const panels = [...box.querySelectorAll(":scope > .panel")];
    const choose = () => {
      const value = box.querySelector(":scope > .choices input:checked").value;
      for (const panel of panels) panel.hidden = panel.dataset.panel !== value;
      drawShown(box);
    };
    box.addEventListener("change", choose);
    for (const panel of panels) panel.hidden = panel.dataset.panel !== "0";
    box.querySelector(":scope > .choices input").checked = true;
  }

  // Files of a figure's data.
  const quoted = (value) => {
    let text = value === null ? "" : String(value);
    if (typeof value === "string" && /^[=+\-@\t\r]/.test(text)) text = `'${text}`; // no formula
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const files = {
    csv: (f) => [f.fields, ...f.rows].map((row) => row.map(quoted).join(",")).join("\r\n") + "\r\n",
    json: (f) => JSON.stringify(
      f.rows.map((row) => Object.fromEntries(f.fields.map((name, n) => [name, row[n]]))), null, 1),
  };
  const types = { csv: "text/csv", json: "application/json" };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-take]");
    if (!button) return;
    const { take, of } = button.dataset;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([files[take](figures[of])], { type: types[take] }));
    link.download = `${of}.${take}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  });

  // Links lead into what is folded.
  const unfold = () => {
    const place = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const folded = place && place.closest("details");
    if (folded && !folded.open) {
      folded.open = true;
      place.scrollIntoView();
    }
  };
  addEventListener("hashchange", unfold);

  const twins = document.getElementById("twin-explorer");
  if (twins) explore();
  drawShown(document);
  unfold();

  // On paper charts are as wide as the page.
  let widths = [];
  addEventListener("beforeprint", () => {
    const most = 640;
    widths = [...views].map((view) => [view, view.width()]);
    for (const [view] of widths) view.width(most).run();
  });
  addEventListener("afterprint", () => {
    for (const [view, width] of widths) view.width(width).run();
  });

  function explore() {
    const data = read("twin-data");
    const find = (id) => document.getElementById(id);
    const body = find("twin-days").tBodies[0];
    const open = new Set();

    const make = (tag, text, name) => {
      const made = document.createElement(tag);
      if (text !== undefined) made.textContent = text;
      if (name) made.className = name;
      return made;
    };
    const cell = (facts, span) => {
      const made = make("td");
      if (span > 1) made.colSpan = span;
      for (const [kind, words] of facts) {
        made.append(make("p", words, kind === "answer" ? "answering" : kind));
      }
      return made;
    };
    const when = (local) => { // a date is not parted at its hyphens
      const made = make("th");
      made.scope = "row";
      for (const part of local.split(" ")) made.append(make("span", part), " ");
      return made;
    };
    const same = (lanes) => lanes.every((lane) => JSON.stringify(lane) === JSON.stringify(lanes[0]));

    const show = () => {
      const chosen = Number(twins.querySelector("input[name=twin]:checked").value);
      const person = data.customers[chosen];
      let lanes = [...twins.querySelectorAll("input[name=lane]:checked")].map((x) => Number(x.value));
      if (!lanes.length) lanes = [0];
      const names = lanes.map((n) => data.strategies[n]);
      find("twin-title").textContent = person.title;
      find("twin-sums").replaceChildren(...lanes.map((n) => {
        const made = make("div");
        made.append(make("dt", data.strategies[n]), make("dd", person.sums[n]));
        return made;
      }));
      const moments = person.moments
        .map(([day, local, all]) => [day, local, lanes.map((n) => all[n])])
        .filter(([, , found]) => found.some((lane) => lane.length));
      drawLanes(moments, names);
      drawDays(moments, names, chosen);
    };

    const drawLanes = (moments, names) => {
      const marks = [];
      for (const [day, local, found] of moments) {
        found.forEach((lane, n) => {
          for (const [kind, words] of lane) {
            marks.push({ day, strategy: names[n], what: data.words[kind][0], size: data.words[kind][1],
              said: `${names[n]}, ${local}: ${words}` });
          }
        });
      }
      const spec = structuredClone(data.spec);
      spec.data.values = marks;
      spec.height = 44 * names.length;
      spec.encoding.y.sort = names;
      spec.encoding.y.scale = { domain: names };
      draw(find("twin-lanes"), spec);
    };

    const drawDays = (moments, names, chosen) => {
      const head = make("tr");
      head.append(...["Time", ...names].map((name) => {
        const made = make("th", name);
        made.scope = "col";
        return made;
      }));
      find("twin-days").tHead.replaceChildren(head);
      const only = find("twin-differs").checked;
      const rows = [];
      let run = [];
      const flush = () => {
        if (!run.length) return;
        const key = `${chosen}/${run[0][1]}/${names.length}`;
        if (run.length < 3 || open.has(key)) {
          if (!only) rows.push(...run.map((moment) => row(moment, true)));
        } else if (!only) {
          rows.push(folded(run, key));
        }
        run = [];
      };
      const row = ([, local, found], equal) => {
        const made = make("tr", undefined, equal ? "same" : "differs");
        made.append(when(local));
        if (equal) made.append(cell(found[0], names.length));
        else made.append(...found.map((lane) => cell(lane, 1)));
        return made;
      };
      const folded = (moments, key) => {
        const made = make("tr", undefined, "same");
        const time = when(moments[0][1].slice(0, 10));
        const place = cell([], names.length);
        const button = make("button", `${moments.length} moments, the same under all`);
        button.type = "button";
        button.addEventListener("click", () => {
          open.add(key);
          const at = [...body.rows].indexOf(made);
          show();
          const next = body.rows[at];
          if (next) {
            next.tabIndex = -1;
            next.focus();
          }
        });
        place.append(button);
        made.append(time, place);
        return made;
      };
      for (const moment of moments) {
        if (names.length > 1 && same(moment[2])) run.push(moment);
        else {
          flush();
          rows.push(row(moment, false));
        }
      }
      flush();
      if (!rows.length) {
        const made = make("tr");
        const place = cell([], names.length + 1);
        place.textContent = "Nothing differs.";
        made.append(place);
        rows.push(made);
      }
      body.replaceChildren(...rows);
    };

    twins.addEventListener("change", show);
    show();
  }
})();
