// The controls, and what happens when the reader uses them.

/** Bring a figure to life. `data` holds the network, the looks of the rules and the rates. */
function playground(figure, { network, looks, rates }) {
  const find = (selector) => figure.querySelector(selector);
  const learned = lstm(network);
  const shown = { seed: 2, steps: 100, rates: {} }; // the first whose minimum is on the map
  const sliders = {};

  function choose(name) {
    shown.name = name;
    shown.landscape = LANDSCAPES[name].draw(shown.seed);
    shown.start = shown.landscape.start;
    find("[name=another]").disabled = !shown.landscape.seeded;
    tune();
    drawLandscape(find(".l2l-map g"), shown.landscape);
    update();
  }

  function drawAnother() {
    shown.seed += 1;
    shown.landscape = LANDSCAPES[shown.name].draw(shown.seed);
    drawLandscape(find(".l2l-map g"), shown.landscape);
    update();
  }

  function tune() {
    for (const [name, ruleAt] of Object.entries(WITH_A_RATE)) {
      const { landscape, start, steps } = shown;
      setRate(name, bestRate(ruleAt, rates, landscape, start, steps));
    }
  }

  function setRate(name, rate) {
    shown.rates[name] = rate;
    show(sliders[name], rates.indexOf(rate), `rate ${rate}`);
  }

  /** Run every rule anew and draw what comes out. */
  function update() {
    const { landscape, start, steps } = shown;
    const rules = { lstm: learned };
    for (const name in WITH_A_RATE) rules[name] = WITH_A_RATE[name](shown.rates[name]);
    shown.runs = Object.entries(rules).map(([name, rule]) => ({
      name,
      look: looks[name],
      ...descend(landscape, rule, start, steps),
    }));
    drawPaths(find(".l2l-map g:last-child"), landscape, shown.runs, start);
    drawCurves(find(".l2l-curves"), shown.runs, steps);
    tell(find(".l2l-sums"), shown);
  }

  find("[name=landscape]").append(
    ...Object.entries(LANDSCAPES).map(([name, { label }]) => new Option(label, name)),
  );
  find(".l2l-rules").append(ruleRow("lstm", looks.lstm));
  for (const name in WITH_A_RATE) {
    const row = ruleRow(name, looks[name], rates.length - 1);
    sliders[name] = row.querySelector("input");
    sliders[name].addEventListener("input", (event) => {
      setRate(name, rates[event.target.value]);
      update();
    });
    find(".l2l-rules").append(row);
  }
  find("[name=landscape]").addEventListener("change", (event) => choose(event.target.value));
  find("[name=another]").addEventListener("click", drawAnother);
  find("[name=tune]").addEventListener("click", () => {
    tune();
    update();
  });
  find("[name=steps]").addEventListener("input", (event) => {
    shown.steps = Number(event.target.value);
    show(event.target, shown.steps, `${shown.steps}`);
    update();
  });
  movable(find(".l2l-map"), shown, update);
  show(find("[name=steps]"), shown.steps, `${shown.steps}`);
  choose("quadratic");
  find(".l2l-live").hidden = false;
  figure.shown = shown; // for the tests, and for readers who open the console
}

/** A row with the line and the name of a rule, and a slider if it has a rate. */
function ruleRow(name, look, last) {
  const row = document.createElement(last ? "label" : "div");
  const sample = svg("svg", { viewBox: "0 0 40 10", class: "l2l-sample", "aria-hidden": "true" });
  sample.append(line([[0, 5], [40, 5]], look));
  const value = document.createElement("span");
  value.className = "l2l-value";
  row.append(sample, look.label, " ", value);
  if (last) {
    const slider = document.createElement("input");
    Object.assign(slider, { type: "range", name, min: 0, max: last, step: 1 });
    row.append(slider);
  } else {
    value.textContent = "no rate to set";
  }
  row.className = "l2l-slider";
  return row;
}

/** Set a slider, and say its value in the way that the reader thinks of it. */
function show(slider, position, text) {
  slider.value = position;
  slider.setAttribute("aria-valuetext", text);
  slider.closest("label").querySelector(".l2l-value").textContent = text;
}

/** Let the start be moved: by mouse, pen and finger, and by the arrow keys. */
function movable(map, shown, update) {
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  const follow = (event) => {
    const box = map.getBoundingClientRect();
    const point = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    shown.start = fromMap(shown.landscape, point);
    update();
  };
  map.addEventListener("pointerdown", (event) => {
    map.setPointerCapture(event.pointerId); // so that a finger may leave the map and come back
    follow(event);
  });
  map.addEventListener("pointermove", (event) => {
    if (map.hasPointerCapture(event.pointerId)) follow(event);
  });
  map.addEventListener("keydown", (event) => {
    const arrow = ARROWS[event.key];
    if (!arrow || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault(); // the page would scroll
    const { centre, reach } = shown.landscape;
    const moved = shown.start.map((value, i) => value + (arrow[i] * reach) / 30);
    shown.start = moved.map((value, i) => Math.max(centre[i] - reach, Math.min(centre[i] + reach, value)));
    update();
  });
}

/** Say what the pictures show. It waits for a pause, so that no one hears every step of a drag. */
function tell(paragraph, shown) {
  clearTimeout(shown.telling);
  shown.telling = setTimeout(() => {
    const sums = shown.runs.map(({ look, sum }) => `${look.label} ${inWords(sum)}`).join(", ");
    const start = shown.start.map((value) => value.toFixed(2).replace("-", "−")).join(", ");
    paragraph.textContent = `Start (${start}). Sum of ${shown.steps} losses: ${sums}.`;
  }, 250);
}

function inWords(sum) {
  if (sum === Infinity) return "diverged";
  return sum >= 100 ? Math.round(sum).toLocaleString("en") : sum.toPrecision(3);
}
