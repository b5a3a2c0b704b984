// The learned update as a surface, seen from the side that a slider sets.

const GRID = 30; // patches to a side
const SCALE = 95; // half the width of the box in the picture
const ELEVATION = (28 * Math.PI) / 180;

/** The update for each pair of a gradient now and a gradient met `times` times before. */
function updates(rule, reach, times) {
  const gradients = Array.from({ length: GRID + 1 }, (_, k) => reach * ((2 * k) / GRID - 1));
  return gradients.map((before) => {
    let state = rule.begin();
    for (let time = 0; time < times; time++) [, state] = rule.step(before, state);
    return gradients.map((now) => rule.step(now, state)[0]);
  });
}

/** Bring a figure to life. */
function surface(figure, { network, reach, times, height, alt }) {
  const picture = figure.querySelector(".l2l-shape");
  const slider = figure.querySelector("input");
  const heights = updates(lstm(network), reach, times);
  const draw = () => {
    const azimuth = (Number(slider.value) * Math.PI) / 180;
    const label = { reach, height, before: `the ${times} before` };
    const patches = patchesOf(heights.map((row) => row.map((update) => update / height)));
    picture.replaceChildren(...box(azimuth, label), ...painted(patches, azimuth));
    slider.setAttribute("aria-valuetext", `${slider.value} degrees`);
    figure.querySelector(".l2l-value").textContent = `${slider.value}°`.replace("-", "−");
  };
  picture.setAttribute("aria-label", alt);
  slider.addEventListener("input", draw);
  draw();
  figure.querySelector(".l2l-live").hidden = false;
  figure.shown = { heights }; // for the tests, and for readers who open the console
}

/** A corner of the box, from -1 to 1 in each direction, in the picture; and how far away it is. */
function project([now, before, update], azimuth) {
  const across = now * Math.cos(azimuth) - before * Math.sin(azimuth);
  const away = now * Math.sin(azimuth) + before * Math.cos(azimuth);
  const up = update * Math.cos(ELEVATION) * 0.8 + away * Math.sin(ELEVATION);
  return { point: [SCALE * across, -SCALE * up], away };
}

/** The four corners of each patch. */
function patchesOf(heights) {
  const patches = [];
  for (let row = 0; row < GRID; row++) {
    for (let column = 0; column < GRID; column++) {
      const corners = [[row, column], [row, column + 1], [row + 1, column + 1], [row + 1, column]];
      const place = (k) => (2 * k) / GRID - 1;
      patches.push(corners.map(([r, c]) => [place(c), place(r), heights[r][c]]));
    }
  }
  return patches;
}

/** The painter's way: far patches first, nearer ones over them. */
function painted(patches, azimuth) {
  const seen = patches.map((corners) => {
    const projected = corners.map((corner) => project(corner, azimuth));
    return {
      points: projected.map(({ point }) => point),
      away: mean(projected.map(({ away }) => away)),
      update: mean(corners.map((corner) => corner[2])),
    };
  });
  seen.sort((a, b) => b.away - a.away);
  return seen.map(({ points, update }) =>
    svg("path", { d: `${through(points)}Z`, fill: shade(update), class: "patch" }),
  );
}

function mean(numbers) {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

/** Blue for negative updates, orange for positive ones, pale near zero. */
function shade(update) {
  const [pale, full] = [[238, 238, 238], update < 0 ? [43, 131, 186] : [213, 94, 0]];
  const share = Math.min(1, Math.abs(update));
  return `rgb(${pale.map((value, i) => Math.round(value + share * (full[i] - value)))})`;
}

/** The floor and the axis of heights, with names at the edges that are in front. */
function box(azimuth, { reach, height, before }) {
  const at = (corner) => project(corner, azimuth);
  const nearer = (a, b) => (at(a).away < at(b).away ? a : b);
  const floor = [[-1, -1, -1], [1, -1, -1], [1, 1, -1], [-1, 1, -1]];
  const points = floor.map((corner) => at(corner).point);
  const [x, y] = points.reduce((left, point) => (point[0] < left[0] ? point : left));
  const rise = at([0, 0, 1]).point[1] - at([0, 0, -1]).point[1];
  const [, side] = nearer([0, -1, -1], [0, 1, -1]); // the edge along which the gradient now is read
  const [end] = nearer([-1, 0, -1], [1, 0, -1]);
  const below = (corner, text) => {
    const [x, y] = at(corner).point;
    const beside = x < 0 ? "end" : "start";
    return written([x, y], text, Math.abs(x) > SCALE ? beside : "middle", 10);
  };
  return [
    svg("path", { d: `${through(points)}Z`, class: "grid" }),
    svg("path", { d: through([[x, y], [x, y + rise]]), class: "grid" }),
    below([0, 1.2 * side, -1], "gradient now"),
    below([1.2 * end, 0, -1], before),
    ...[-1, 1].map((w) => below([0.9 * w, 1.06 * side, -1], signed(w * reach))),
    ...[-1, 1].map((w) => below([1.06 * end, 0.9 * w, -1], signed(w * reach))),
    ...[0, 0.5, 1].map((w) => written([x - 5, y + w * rise], signed((2 * w - 1) * height), "end", 2)),
    written([x, y + rise], "update", "middle", -10),
  ];
}

function written([x, y], text, place, below) {
  return svg("text", { x, y: y + below, class: place }, text);
}

function signed(number) {
  return `${number}`.replace("-", "−");
}
