// The loss against the step, on a logarithmic scale.

const FRAME = { left: 52, top: 8, width: SIZE - 60, height: SIZE - 48 };
const DECADES = { low: -6, high: 3 };

function drawCurves(layer, runs, steps) {
  const toPage = scales(steps);
  const curves = runs.map(({ losses, look }) =>
    line(losses.map((loss, step) => toPage(step, loss)), look),
  );
  const { left: x, top: y, width, height } = FRAME;
  const viewBox = [x, y, width, height].join(" "); // the same units as outside; it only clips
  const frame = { x, y, width, height, viewBox, "aria-hidden": "true" };
  const clipped = svg("svg", frame, ...curves.reverse());
  layer.replaceChildren(...lossAxis(toPage, steps), ...stepAxis(toPage, steps), clipped);
}

/** From a step and a loss to a point; a loss of 0 lies far below the picture. */
function scales(steps) {
  return (step, loss) => {
    const decade = Math.log10(Math.max(loss, 1e-30));
    const down = (DECADES.high - decade) / (DECADES.high - DECADES.low);
    return [FRAME.left + (step / steps) * FRAME.width, FRAME.top + down * FRAME.height];
  };
}

function lossAxis(toPage, steps) {
  const middle = FRAME.top + FRAME.height / 2;
  const parts = [svg("text", { transform: `rotate(-90) translate(${-middle} 10)`, class: "middle" }, "loss")];
  for (const [decade, name] of [[3, "1,000"], [0, "1"], [-3, "0.001"], [-6, "10⁻⁶"]]) {
    const [start, end] = [0, steps].map((step) => toPage(step, 10 ** decade));
    parts.push(svg("path", { d: through([start, end]), class: "grid" }));
    parts.push(svg("text", { x: start[0] - 6, y: start[1] + 4, class: "end" }, name));
  }
  return parts;
}

function stepAxis(toPage, steps) {
  const labels = [[0, "0", 16], [steps / 2, `${steps / 2}`, 16], [steps / 2, "step", 34], [steps, `${steps}`, 16]];
  return labels.map(([step, name, below]) => {
    const [x, y] = toPage(step, 10 ** DECADES.low);
    return svg("text", { x, y: y + below, class: step === steps ? "end" : "middle" }, name);
  });
}
