// The controls: a row for each rule, sliders that say their value, a start that can be moved.

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
    const stride = shown.landscape.reach / 30;
    const moved = shown.start.map((value, i) => value + arrow[i] * stride);
    shown.start = within(shown.landscape, moved);
    update();
  });
}
